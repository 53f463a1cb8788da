export { Copies, type Folder, makeFolder } from './copies.ts';
export { GuardError } from './edit.ts';
export type { Guard } from './guard.ts';
export { type HuntOptions, type Kill, type MutantResult, scenarioWithout } from './hunt.ts';
export { type HuntersOptions, huntAll } from './hunters.ts';
export { GUARDS } from './list.ts';
