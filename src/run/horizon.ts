/** Finds sleeps that end after the run: what the program would do then is not observed. */
import { ParkedOperation } from '../sim/index.ts';
import type { Run } from './run.ts';

/** A longer sleep is meant to last for ever. */
const FOR_EVER_MS = 24 * 3_600_000;

/**
 * The longest sleep that did not end within a run, in simulated milliseconds; 0 if there is none. Ignores sleeps shorter than
 * `settleMs`, because a loop with such a sleep has been run at least once, and sleeps of more than a day.
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
