export { coordinate } from './coordinate/coordinator.ts';
export type { Plan } from './coordinate/plan.ts';
export { separationHere } from './namespaces.ts';
export { followSchedule } from './process/follow.ts';
export { ASSIGNMENT_VARIABLE, type Assignment } from './protocol.ts';
export { type RealDifference, type RealOptions, type RealReplay, replayReal } from './replay-real.ts';
