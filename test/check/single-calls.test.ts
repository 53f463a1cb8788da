/** The choices of a run with each synchronous call in a step of its own, up to a limit. */
import { expect, it } from 'vitest';
import { SingleCalls } from '../../src/check/single-calls.ts';
import type { Choices, EnabledSet } from '../../src/sim/index.ts';

const CALL: EnabledSet = { count: () => 1, processOf: () => 7, sequenceOf: () => 0, nameOf: () => 'open /a' };

it('gives 200 calls a step of their own, and leaves the others in the step of their process', () => {
  const source: Choices = { choose: () => 0 };
  const single = new SingleCalls(source);
  const chosen = Array.from({ length: 250 }, () => single.choose(2, 'preempt', CALL));
  expect(chosen).toEqual([...Array<number>(200).fill(1), ...Array<number>(50).fill(0)]);
});

it('does not count calls that the run gives a step of their own', () => {
  let preempts = true;
  const source: Choices = { choose: () => (preempts ? 1 : 0) };
  const single = new SingleCalls(source);
  for (let i = 0; i < 300; i++) expect(single.choose(2, 'preempt', CALL)).toBe(1);
  preempts = false;
  expect(single.choose(2, 'preempt', CALL)).toBe(1);
});
