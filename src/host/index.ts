export { Output } from './ambient/console.ts';
export { INITIAL_ENVIRONMENT } from './ambient/environment.ts';
export { guardSteps, withAmbientGuard } from './ambient/guard.ts';
export { holdGuards, withoutGuards } from './ambient/held.ts';
export { resetStacks } from './ambient/stacks.ts';
export { ambient, isTraced, unguarded } from './ambient/stepping.ts';
export { resetDate } from './ambient/zone.ts';
export {
  canDrain,
  catchUncaught,
  drain,
  drains,
  inMacrotask,
  resetAfterInterrupt,
  withUncaught,
} from './microtasks.ts';
export { processorShare } from './processor-share.ts';
export { compiledWithColumns, originalPosition, type Position } from './source-positions.ts';
export { Overrun, withWatchdog } from './watchdog.ts';
