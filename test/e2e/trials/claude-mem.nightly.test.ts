import { expect } from 'vitest';
import { BREAKER, CHECK_TO_SPAWN_MS, TARGET } from '../../../src/systems/claude-mem/constants.ts';
import { trialsOf } from './fixture.ts';

const it = trialsOf('claude-mem');

it('ten hooks at once: a worker for each of them before, and bind losers that go on; one worker after', async ({
  trials,
}) => {
  const before = await trials.untilFault('ten-hooks');
  expect(before.survivors).toBeGreaterThan(1);
  expect(before.numbers).toMatchObject({ attemptsPerHook: 2 });
  expect(before.numbers!.bindLosers).toBeGreaterThan(0);
  for (const variant of ['after', 'ours'] as const) {
    const { fault, survivors, orphans, numbers } = await trials.once('ten-hooks', variant);
    expect({ fault, survivors, orphans }).toEqual({ fault: null, survivors: TARGET.workers, orphans: 0 });
    expect(numbers).toMatchObject({ workersStarted: 1, attemptsPerHook: 1 });
  }
});

it('a chroma-mcp that never answers: ever more of them before, at most two after', async ({ trials }) => {
  const before = await trials.untilFault('storm');
  expect(before.numbers!.chromaProcesses).toBeGreaterThan(TARGET.chromaProcesses);
  for (const variant of ['after', 'ours'] as const) {
    const { fault, numbers } = await trials.once('storm', variant);
    expect(fault).toBeNull();
    expect(numbers!.chromaProcesses).toBeLessThanOrEqual(TARGET.chromaProcesses);
    expect(numbers!.mostWorkers).toBe(TARGET.workers);
  }
});

it('workers that lose the bind exit with 0 before they start anything; before, each has its chroma-mcp', async ({
  trials,
}) => {
  expect(await trials.untilFault('bind-loser')).toMatchObject({ value: '2 go on, with 2 chroma-mcp' });
  expect(await trials.once('bind-loser', 'after')).toMatchObject({
    ...{ value: '2 exit 0', survivors: 1, orphans: 0, exitCodes: { 0: 2 }, numbers: { bindLosers: 2 } },
  });
  expect(await trials.once('bind-loser', 'ours')).toMatchObject({ value: '2 exit 0', fault: null });
});

it('concurrent searches share one chroma-mcp; before, each has its own', async ({ trials }) => {
  const { value } = await trials.untilFault('searches');
  expect(Number.parseInt(value, 10)).toBeGreaterThan(TARGET.chromaProcesses);
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('searches', variant)).toMatchObject({ value: '1 chroma-mcp', fault: null });
});

it('SIGHUP: no chroma-mcp outlives its worker, and the next hook starts one worker; before, one is left', async ({
  trials,
}) => {
  expect(await trials.untilFault('sighup')).toMatchObject({ orphans: 1 });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('sighup', variant)).toMatchObject({
      value: '0 left, then 1 worker',
      fault: null,
    });
});

it('a chroma-mcp that cannot be started is started three times; before, by every search', async ({
  trials,
}) => {
  const { value } = await trials.untilFault('breaker');
  expect(Number.parseInt(value, 10)).toBeGreaterThan(BREAKER.failures);
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('breaker', variant)).toMatchObject({ value: `${BREAKER.failures} starts` });
});

it('between the look at the TCP port and the start of a worker at least 100 ms pass', async ({ trials }) => {
  for (const variant of ['before', 'after'] as const) {
    const { numbers } = await trials.once('timings', variant);
    expect(numbers!.windowMs).toBeGreaterThanOrEqual(CHECK_TO_SPAWN_MS[0]);
    expect(numbers!.spawnMs).toBeGreaterThan(0);
    expect(numbers!.healthMs).toBeGreaterThanOrEqual(0);
  }
});
