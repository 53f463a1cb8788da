import { type Arbitrary, array, constant, nat, record } from 'fast-check';
import type { Schedule } from '../run/recorded-choices.ts';

/** Longer streams seldom matter: what lies beyond their end is dull. */
const MAX_LENGTH = 200;

/**
 * Schedules for a property of fast-check's, to be run with {@link ReplayedChoices}. Plain data; shrinks towards the dull
 * run, in which nothing but zeros is chosen. This module is the only one that needs fast-check.
 */
export function scheduleArbitrary({
  maxLength = MAX_LENGTH,
}: {
  maxLength?: number;
} = {}): Arbitrary<Schedule> {
  const stream = (choice: Arbitrary<number>): Arbitrary<number[]> =>
    array(choice, { maxLength, size: 'max' });
  return record({
    schedule: stream(choiceAmong(3, { dull: 3 })),
    settle: stream(choiceAmong(3, { dull: 3 })),
    time: stream(choiceAmong(1, { dull: 9 })),
    fault: stream(choiceAmong(3, { dull: 60 })),
    target: stream(choiceAmong(3, { dull: 2 })),
    absent: constant([]),
    machine: stream(choiceAmong(3, { dull: 1 })),
    optional: stream(choiceAmong(1, { dull: 2 })),
  });
}

/** 0, the dull choice, `dull` times as often as each of 1 to `most`. A choice that is not to be had is taken for 0. */
function choiceAmong(most: number, { dull }: { dull: number }): Arbitrary<number> {
  return nat({ max: dull + most - 1 }).map(
    (n) => Math.max(0, n - dull + 1),
    (choice) => (typeof choice === 'number' && choice > 0 ? choice + dull - 1 : 0),
  );
}
