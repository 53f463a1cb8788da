import { expect, it } from 'vitest';
import { emptySchedule } from '../../src/run/recorded-choices.ts';
import { MAX_STEPS } from '../../src/scenario/schema.ts';
import { decodeToken, encodeToken } from '../../src/schedule/index.ts';
import { Stream } from '../../src/schedule/random.ts';
import { CHOICE_KINDS } from '../../src/sim/index.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { trimmed } from './trimmed.ts';

const coldStart = NAIVE[0]!;

/** Faster than a deep comparison of millions. */
const sameNumbers = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((one, i) => one === b[i]);

it('a token of the longest run with random choices can be decoded', () => {
  const random = new Stream(1);
  const draw = (length: number, below: number) => Array.from({ length }, () => random.below(below));
  const longest = {
    ...emptySchedule(),
    settle: draw(MAX_STEPS, 3),
    schedule: draw(MAX_STEPS, 100_000),
    time: draw(2 * MAX_STEPS, 2),
    fault: draw(2 * MAX_STEPS, 22),
    target: [...draw(MAX_STEPS, 2 ** 32), 1],
    machine: draw(MAX_STEPS - 2, 2),
  };
  const long = encodeToken(coldStart, longest);
  const { schedule: decoded } = decodeToken(long);
  for (const concern of CHOICE_KINDS)
    expect(sameNumbers(decoded[concern], trimmed(longest)[concern]), concern).toBe(true);
});
