// Violations that depend on the real clock: the machine may have been suspended, or this process stopped.
import { BUILT_IN, type Failure } from './failure.ts';

const BY_REAL_TIME: readonly string[] = [BUILT_IN['never-yields'], BUILT_IN['hung-invariant']];

/**
 * Whether a run was ended by the real clock. Another run of the same schedule may end differently, or must wait for the whole
 * timeout again.
 */
export function isByRealTime(failure: Pick<Failure, 'invariant'> | null | undefined): boolean {
  return failure != null && BY_REAL_TIME.includes(failure.invariant);
}
