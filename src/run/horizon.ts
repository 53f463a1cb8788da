/** Finds sleeps that end only after the run does: what a program would do then is not seen. */
import { ParkedOperation } from '../sim/index.ts';
import type { Run } from './run.ts';

/** A longer sleep means for ever. */
const FOR_EVER_MS = 24 * 3_600_000;

/**
 * The longest sleep that a run has not waited for, in simulated milliseconds; 0: there is none. Sleeps that are shorter than
 * `settleMs` do not count: a loop with such a sleep has gone round. Nor do those above a day.
 */
export function longestSleepBeyondEnd({ machine, scenario: { settleMs } }: Run): number {
  let longest = 0;
  for (const { atUs, due } of machine.timers.pending()) {
    if (!(due instanceof ParkedOperation) || atUs <= machine.endUs || !due.process.alive) continue;
    const { operation } = due;
    if (operation.op !== 'sleep' || operation.ms <= settleMs || operation.ms > FOR_EVER_MS) continue;
    longest = Math.max(longest, operation.ms);
  }
  return longest;
}
