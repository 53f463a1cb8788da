export { Copies, type Folder, makeFolder } from './copies.ts';
export { GuardError } from './edit.ts';
export type { Guard } from './guard.ts';
export { type Catch, type Hunted, type HuntOptions, scenarioWithout } from './hunt.ts';
export { type HuntersOptions, huntAll } from './hunters.ts';
export { GUARDS } from './list.ts';
