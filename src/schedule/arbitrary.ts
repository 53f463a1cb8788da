import { type Arbitrary, array, constant, nat, record } from 'fast-check';
import type { Schedule } from '../run/recorded-choices.ts';

/** Longer streams seldom matter: beyond their end every choice is the default. */
const MAX_LENGTH = 200;

/**
 * Schedules for a property of fast-check's, to be run with {@link ReplayedChoices}. Plain data; shrinks towards the default
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
    schedule: stream(choiceAmong(3, { defaults: 3 })),
    settle: stream(choiceAmong(3, { defaults: 3 })),
    time: stream(choiceAmong(1, { defaults: 9 })),
    fault: stream(choiceAmong(3, { defaults: 60 })),
    target: stream(choiceAmong(3, { defaults: 2 })),
    absent: constant([]),
    machine: stream(choiceAmong(3, { defaults: 1 })),
    optional: stream(choiceAmong(1, { defaults: 2 })),
  });
}

/** 0, the default choice, `defaults` times as often as each of 1 to `most`. A choice that is not to be had is taken for 0. */
function choiceAmong(most: number, { defaults }: { defaults: number }): Arbitrary<number> {
  return nat({ max: defaults + most - 1 }).map(
    (n) => Math.max(0, n - defaults + 1),
    (choice) => (typeof choice === 'number' && choice > 0 ? choice + defaults - 1 : 0),
  );
}
