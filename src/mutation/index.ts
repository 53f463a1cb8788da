export { checkerMutants, protocolMutants } from './list.ts';
export { type Mutant, mutantsIn } from './mutant-file.ts';
export { applyPatch, MutantError, type Patch } from './patch.ts';
export { checkPatches, importPatched } from './patched-modules.ts';
export {
  type CheckerMutantResult,
  type CheckerMutantsOptions,
  runCheckerMutants,
} from './run-checker-mutants.ts';
export { type Kill, type MutantOptions, type MutantResult, scenarioOf } from './run-mutant.ts';
export { type MutantsOptions, runMutants } from './run-mutants.ts';
