// Which violations depend on the clock of the real machine: it may have slept, or this process may have been stopped.
import { BUILT_IN, type Failure } from './failure.ts';

const BY_REAL_TIME: readonly string[] = [BUILT_IN['never-yields'], BUILT_IN['hung-invariant']];

/**
 * Whether a run was ended by the real clock. Another run of the same schedule may end differently, and one that ends the same way
 * waits until the patience is over.
 */
export function isByRealTime(failure: Pick<Failure, 'invariant'> | null | undefined): boolean {
  return failure != null && BY_REAL_TIME.includes(failure.invariant);
}
