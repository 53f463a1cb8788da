// Properties that are exchanged for a slice of runs: all of them, or none.
import { expect, it } from 'vitest';
import { constant } from '../../src/host/ambient/guards.ts';
import { type Spot, Swaps } from '../../src/host/ambient/swap.ts';

it('exchanges nothing when another property has been replaced since', () => {
  const owner: Record<string, unknown> = { first: 1, second: 2 };
  const spots = ['first', 'second'].map((key): Spot => ({ owner, key, label: key, guard: constant(0) }));
  const swaps = new Swaps(spots);
  expect(swaps.install()).toBe(true);
  expect(owner).toEqual({ first: 0, second: 0 });
  swaps.uninstall();
  expect(owner).toEqual({ first: 1, second: 2 });
  owner.second = 3;
  expect(swaps.install()).toBe(false);
  expect(owner).toEqual({ first: 1, second: 3 });
});
