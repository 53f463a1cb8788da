import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { workerAfter } from '../../src/systems/claude-mem/after.ts';
import { hookBefore, workerBefore } from '../../src/systems/claude-mem/before.ts';
import {
  CHECK_TO_SPAWN_MS,
  MUTEX_STALE_MS,
  ORPHAN_AGE_MS,
  TARGET,
  WAITS,
  WAITS_ON_WINDOWS,
} from '../../src/systems/claude-mem/constants.ts';
import { clientOf } from '../../src/systems/claude-mem/programs/client.ts';
import { ensureBehindMutex, ensureUnguarded, hook } from '../../src/systems/claude-mem/programs/launcher.ts';
import { addressOf, CHROMA_MOOD, MUTEX, TCP_PORT } from '../../src/systems/claude-mem/setup.ts';
import { claimed, claimedAll } from '../claims/claims.ts';
import { peaksOf, type Trial } from './claude-mem-peaks.ts';

describe('the figures of #1085', () => {
  it('starts per event: two before, one after', async () => {
    const start = [{ program: 'hook' }];
    const before = await peaksOf({ programs: { hook: hookBefore, worker: workerBefore() }, start });
    expect([before.ensured, (await peaksOf({ start })).ensured]).toEqual(
      claimedAll('claude-mem-3', 'attemptsPerEvent'),
    );
  });

  it.each(CHECK_TO_SPAWN_MS)(
    'the race between check and spawn: open for %i ms before, closed after',
    async (checkToSpawnMs) => {
      const apart = (ms: number) => [{ program: 'hook' }, { program: 'hook', atMs: ms }];
      const waits = { ...WAITS, checkToSpawnMs };
      const before = { hook: hook(ensureUnguarded(waits), 2), worker: workerBefore() };
      const after = { hook: hook(ensureBehindMutex({ waits })) };
      const workers = async (programs: Trial['programs'], ms: number): Promise<number> =>
        (await peaksOf({ programs: programs!, start: apart(ms) })).workers;
      const window = [0, checkToSpawnMs / 2, checkToSpawnMs - 10];
      for (const ms of window) expect(await workers(before, ms)).toBe(2);
      // By then the first one listens.
      for (const ms of [checkToSpawnMs + 10, checkToSpawnMs + 200]) expect(await workers(before, ms)).toBe(1);
      for (const ms of [...window, checkToSpawnMs + 10]) expect(await workers(after, ms)).toBe(1);
      expect(claimedAll('claude-mem-5', 'windowMs')).toContain(checkToSpawnMs);
    },
  );

  it('N concurrent searches: N chroma-mcp before, one after', async () => {
    const start = [
      { program: 'worker' },
      { program: 'client', count: claimed('claude-mem-7', 'searches'), atMs: 500 },
    ];
    const client = clientOf(1);
    // The first connection, which the worker itself has made, is down.
    const files = { [CHROMA_MOOD]: 'hangs' };
    const before = await peaksOf({ programs: { worker: workerBefore(), client }, start, files });
    const after = await peaksOf({ programs: { client }, start, files });
    expect([before.chromaProcesses, after.chromaProcesses]).toEqual([
      1 + claimed('claude-mem-7', 'searches'),
      1,
    ]);
  });

  it('a mutex left behind: held for ten seconds, then taken', async () => {
    const workersAt = async (atMs: number): Promise<number> => {
      // A hook without the mutex waits for five seconds, and looks at the lock once.
      const start = [{ program: 'hook', atMs }];
      return (await peaksOf({ start, files: { [MUTEX]: null } })).workers;
    };
    expect([await workersAt(MUTEX_STALE_MS - 100), await workersAt(MUTEX_STALE_MS + 100)]).toEqual([0, 1]);
  });

  it.each([
    ['five seconds', WAITS],
    ['seven and a half on Windows', WAITS_ON_WINDOWS],
  ])('a worker that never answers: given up after %s', async (_, waits) => {
    const silent: Program = async ({ clock }) => clock.sleep(60_000);
    const programs = { hook: hook(ensureBehindMutex({ waits })), worker: silent };
    const { exits } = await peaksOf({ programs, start: [{ program: 'hook' }] });
    const waitedMs = exits['hook#1']!.atMs;
    const expectedMs = waits.postSpawnMs;
    expect(waitedMs).toBeGreaterThanOrEqual(expectedMs);
    // The last look may begin just before the end.
    expect(waitedMs).toBeLessThan(expectedMs + 1_000);
  });

  it('a TCP port whose holder never answers: given up after three seconds and their probes', async () => {
    const deaf: Program = async ({ net, clock }) => {
      await net.listen(addressOf(TCP_PORT));
      await clock.sleep(120_000);
    };
    const start = [
      { program: 'deaf', foreign: true },
      { program: 'hook', atMs: 100 },
    ];
    const { exits, workers } = await peaksOf({ programs: { deaf }, start });
    // One second for the first look; three seconds for the second, in which the three are over.
    expect(exits['hook#1']!.atMs).toBeGreaterThanOrEqual(4_100);
    expect(exits['hook#1']!.atMs).toBeLessThan(5_000);
    expect(workers).toBe(0);
  });

  it('a worker that finds the TCP port taken: continues before the fix, exits with 0 after it', async () => {
    const start = [{ program: 'worker', count: 2 }];
    const before = await peaksOf({ programs: { worker: workerBefore() }, start });
    const after = await peaksOf({ start });
    expect(before.left).toMatchObject({ workers: 2, chromaProcesses: 2 });
    expect(after.left).toMatchObject({ workers: 1, chromaProcesses: 1 });
    expect(after.exits['worker#2']).toMatchObject({ code: claimed('claude-mem-9', 'exitCode') });
    expect(after.exits['worker#2']!.atMs).toBeLessThan(100);
  });

  it.each([
    ['30 minutes before', ORPHAN_AGE_MS.before, workerBefore()],
    ['5 minutes after', ORPHAN_AGE_MS.after, workerAfter()],
  ])('the age of an orphan: %s', async (_, ageMs, worker) => {
    const leftAt = async (atMs: number): Promise<number> => {
      const start = [{ program: 'chroma-mcp' }, { program: 'worker', atMs }];
      const { left } = await peaksOf({ programs: { worker }, start, forMs: atMs + 5_000 });
      // The worker's own is the other one.
      return left.chromaProcesses - 1;
    };
    expect([await leftAt(ageMs - 1_000), await leftAt(ageMs)]).toEqual([1, 0]);
  });

  it('the count: the two newest stay, and the worker adds its own', async () => {
    const young = ORPHAN_AGE_MS.after - 60_000;
    const start = [
      { program: 'chroma-mcp' },
      ...[1, 2, 3, 4].map((second) => ({ program: 'chroma-mcp', atMs: young + second * 1_000 })),
      { program: 'worker', atMs: ORPHAN_AGE_MS.after },
    ];
    const { exits, left } = await peaksOf({ start, forMs: ORPHAN_AGE_MS.after + 5_000 });
    expect(left.chromaProcesses).toBe(TARGET.chromaProcesses + 1);
    // By age the first; by count the oldest two of the others.
    expect(Object.keys(exits).sort()).toEqual(['chroma-mcp#1', 'chroma-mcp#2', 'chroma-mcp#3']);
  });
});
