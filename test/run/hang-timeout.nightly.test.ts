// Real time passes here, because programs spin until the watchdog ends them.
import { expect, it } from 'vitest';
import { check, replay, search } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { SHORT_HANG_TIMEOUT_MS } from '../../src/run/hang-timeout.ts';
import { BUILT_IN } from '../../src/run/index.ts';
import { scenario } from '../../src/scenario/index.ts';

const scenarioOf = (program: Program) =>
  scenario({
    id: 'fixture/patience/spins',
    programs: { program },
    start: [{ program: 'program' }],
    invariants: [],
    // One of them looks at the real clock.
    ambient: 'allowed',
  });

const spins: Program = async () => {
  for (;;) {}
};

it('a program that spins is reported soon, and within a budget that its first run uses up', async () => {
  const begunAt = performance.now();
  const hangs = scenarioOf(spins);
  const report = await check(hangs, { seed: 1, budgetMs: 9_000 });
  expect(report.verdict).toBe('violated');
  const [violation] = report.violations;
  expect(violation?.invariant).toBe(BUILT_IN['never-yields']);
  expect(violation?.message).toContain(`did not yield for ${SHORT_HANG_TIMEOUT_MS} ms of real time`);
  expect((await replay(violation!.token, () => hangs)).verdict).toBe('violated');
  // Two runs wait 5 s each, five others 1 s each. Before, all waited 5 s.
  expect(performance.now() - begunAt).toBeLessThan(30_000);
}, 60_000);

it('a machine that stands still now and then, and is slow afterwards, is no reason for a verdict', async () => {
  // Three runs come before the search.
  const [STANDS_STILL, AGAIN] = [4, 8];
  let runs = 0;
  const seldom: Program = async () => {
    runs++;
    if (runs === STANDS_STILL || runs === AGAIN) for (;;) {}
    if (runs !== STANDS_STILL + 1 && runs !== AGAIN + 1) return;
    const until = performance.now() + 1.5 * SHORT_HANG_TIMEOUT_MS;
    while (performance.now() < until) {}
  };
  const searched = await search(scenarioOf(seldom), { seed: 1, runs: 8 });
  expect(runs).toBeGreaterThan(AGAIN + 1);
  expect(searched).toMatchObject({ found: null, runs: 8 });
}, 60_000);
