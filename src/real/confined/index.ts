export { type Entered, enter } from './enter.ts';
export { ConfinedMachine, type Confinement } from './machine.ts';
export { Interrupted, Late, type Seen, Site, type SiteOptions } from './site.ts';
export type { ProgramTrace } from './trace-folder.ts';
