import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Isolation } from '../../src/check/isolation/isolation.ts';
import { exploreTimed } from '../../src/explore/explore.ts';
import { scenario } from '../../src/scenario/index.ts';

const DELAY_MS = 50;

test('the time of a search has nothing of what is done once before it', async () => {
  const begin = Isolation.prototype.begin;
  const spy = vi.spyOn(Isolation.prototype, 'begin').mockImplementation(async function (this: Isolation) {
    await setTimeout(DELAY_MS);
    return begin.call(this);
  });
  onTestFinished(() => spy.mockRestore());
  const one = scenario({
    id: 'a/b/c',
    programs: { it: async () => 0 },
    start: [{ program: 'it' }],
    invariants: [],
  });
  const { report, searchMs } = await exploreTimed(one, { isolation: false });
  expect(report.complete).toBe(true);
  expect(searchMs).toBeGreaterThan(0);
  // A timer may end a millisecond early.
  expect(report.seconds * 1_000 - searchMs).toBeGreaterThan(DELAY_MS - 2);
});
