export { GuardError } from './edit.ts';
export type { Guard } from './guard.ts';
export { type HuntersOptions, huntAll } from './hunters.ts';
export { GUARDS } from './list.ts';
export { type Folder, makeFolder, PatchedModules } from './patched-modules.ts';
export { type Kill, type MutantOptions, type MutantResult, scenarioWithout } from './runner.ts';
