import type { Schedule } from '../../src/run/index.ts';
import { CHOICE_KINDS } from '../../src/sim/index.ts';

/** Zeros at the end of a stream mean nothing. */
export function trimmed(schedule: Schedule): Schedule {
  return Object.fromEntries(
    CHOICE_KINDS.map((concern) => [concern, schedule[concern].slice(0, lastOf(schedule[concern]) + 1)]),
  ) as unknown as Schedule;
}

const lastOf = (choices: readonly number[]) => choices.findLastIndex((one) => one !== 0);
