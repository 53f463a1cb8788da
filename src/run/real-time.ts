// Violations that depend on the real clock: the machine may have been suspended, or this process stopped.
import { BUILT_IN, type Failure } from './failure.ts';

/** Why two runs of a schedule say nothing, and what to do. */
export const ENDED_BY_REAL_TIME =
  'a run was interrupted because a program, or an invariant, took longer than the hang time-out in real time, and another run of the same schedule was not, or not at the same point: the machine may be busy, and this proves nothing. Run fewer other programs on it, or give check() a longer hangTimeoutMs';

const BY_REAL_TIME: readonly string[] = [BUILT_IN['never-yields'], BUILT_IN['hung-invariant']];

/**
 * Whether a run was ended by the real clock. Another run of the same schedule may end differently, or must wait for the whole
 * timeout again.
 */
export function isByRealTime(failure: Pick<Failure, 'invariant'> | null | undefined): boolean {
  return failure != null && BY_REAL_TIME.includes(failure.invariant);
}
