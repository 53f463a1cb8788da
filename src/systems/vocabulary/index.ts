/** What the scenarios of all systems are written with. */
export * from './actors.ts';
export * from './calls.ts';
export * from './invariants.ts';
export * from './scenarios.ts';
export * from './starts.ts';
