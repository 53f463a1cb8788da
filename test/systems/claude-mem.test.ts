import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { always, type Start, scenario } from '../../src/scenario/index.ts';
import { hookAfter, workerAfter } from '../../src/systems/claude-mem/after.ts';
import { hookBefore, workerBefore } from '../../src/systems/claude-mem/before.ts';
import {
  BREAKER,
  MUTEX_STALE_MS,
  ORPHAN_AGE_MS,
  SLOW_MS,
  STORM,
  SYNC_EVERY_MS,
  TARGET,
  WAITS,
  WAITS_ON_WINDOWS,
} from '../../src/systems/claude-mem/constants.ts';
import { chromaMcp } from '../../src/systems/claude-mem/programs/chroma-mcp.ts';
import { clientOf } from '../../src/systems/claude-mem/programs/client.ts';
import { ensureBehindMutex, hook } from '../../src/systems/claude-mem/programs/launcher.ts';
import { CLAUDE_MEM } from '../../src/systems/claude-mem/scenarios.ts';
import { addressOf, CHROMA_MOOD, DIRECTORY, MUTEX, TCP_PORT } from '../../src/systems/claude-mem/setup.ts';
import { living } from '../../src/systems/vocabulary/index.ts';
import { runOnce } from '../check/helpers.ts';

interface Peaks {
  workers: number;
  chromaProcesses: number;
  /** Of chroma-mcp, in all. */
  starts: number;
  /** How often a hook has ensured the worker. */
  ensured: number;
  /** At the end, of workers and chroma-mcp. */
  left: { workers: number; chromaProcesses: number };
  exits: Record<string, { code: number | null; atMs: number }>;
}

interface Trial {
  programs?: Record<string, Program>;
  start: readonly Start[];
  files?: Record<string, string | null>;
  forMs?: number;
}

/** A default run, without preemptions and faults. Returns how many processes there were at once. */
async function peaksOf({ programs = {}, start, files = {}, forMs = 30_000 }: Trial): Promise<Peaks> {
  const peaks = { workers: 0, chromaProcesses: 0 };
  const exits: Peaks['exits'] = {};
  const counted = scenario({
    id: 'claude-mem/test/peaks',
    programs: { hook: hookAfter, worker: workerAfter(), 'chroma-mcp': chromaMcp, ...programs },
    start,
    machine: { busyMs: 0, files: { [DIRECTORY]: null, ...files } },
    faultsForMs: 1_000,
    settleMs: forMs,
    invariants: [
      always(
        'counted',
        (world) => {
          peaks.workers = Math.max(peaks.workers, living(world, 'worker').length);
          peaks.chromaProcesses = Math.max(peaks.chromaProcesses, living(world, 'chroma-mcp').length);
          for (const { name, alive, exitCode } of world.processes) {
            if (!alive) exits[name] ??= { code: exitCode, atMs: world.nowMs };
          }
          return null;
        },
        { when: 'change' },
      ),
    ],
  });
  const { run, failure } = await runOnce(counted);
  expect(failure).toBeNull();
  const { world } = run;
  return {
    ...peaks,
    starts: world.processes.filter(({ name }) => name.startsWith('chroma-mcp#')).length,
    ensured: (world.marks.get('ready') ?? 0) + (world.marks.get('gave-up') ?? 0),
    left: {
      workers: living(world, 'worker').length,
      chromaProcesses: living(world, 'chroma-mcp').length,
    },
    exits,
  };
}

describe('the storm: five minutes, ten hooks at once, and a chroma-mcp that never answers', () => {
  const files = { [CHROMA_MOOD]: 'hangs' };
  const start = [{ program: 'hook', count: 10 }];
  const forMs = STORM.withinMs - 1_000;

  it('before: it grows without limit, as to 641 chroma-mcp and 19 workers in reality', async () => {
    // On a loaded machine: `start` gives up on its worker, and `hook` starts another.
    const worker = workerBefore({ bindsAfterMs: SLOW_MS, syncEveryMs: SYNC_EVERY_MS });
    const programs = { hook: hookBefore, worker };
    const peaks: Peaks[] = [];
    for (const minutes of [1, 3, 5]) {
      peaks.push(await peaksOf({ programs, start, files, forMs: minutes * 60_000 - 1_000 }));
    }
    const grown = peaks.map(({ chromaProcesses }) => chromaProcesses);
    console.log(
      `before: ${peaks.at(-1)!.workers} workers, and after 1, 3 and 5 minutes ${grown.join(', ')} chroma-mcp ` +
        `(as reported: ${STORM.workers} and ${STORM.chromaProcesses})`,
    );
    expect(peaks.at(-1)!.workers).toBeGreaterThanOrEqual(STORM.workers);
    expect(grown[2]).toBeGreaterThan(100 * TARGET.chromaProcesses);
    // As many again in the same time: nothing holds it.
    expect(grown[2]! - grown[1]!).toBeGreaterThan(0.9 * (grown[1]! - grown[0]!));
    expect(peaks.at(-1)!.left.chromaProcesses).toBe(grown[2]);
  });

  it('after: one worker, and never more than two chroma-mcp', async () => {
    const programs = { worker: workerAfter({ syncEveryMs: SYNC_EVERY_MS }) };
    const { workers, chromaProcesses, starts } = await peaksOf({ programs, start, files, forMs });
    console.log(`after: ${workers} workers, ${chromaProcesses} chroma-mcp at once, ${starts} starts`);
    expect(workers).toBe(TARGET.workers);
    expect(chromaProcesses).toBeGreaterThan(0);
    expect(chromaProcesses).toBeLessThanOrEqual(TARGET.chromaProcesses);
    expect(starts).toBeGreaterThan(BREAKER.failures);
    expect(starts).toBeLessThanOrEqual(BREAKER.failures + STORM.withinMs / BREAKER.cooldownMs);
  });

  it('ours: one worker and one chroma-mcp, despite constant searches', async () => {
    const ours = CLAUDE_MEM.find(({ id }) => id === 'claude-mem/ours/ten-hooks')!;
    const programs = { ...Object.fromEntries(ours.programs), client: clientOf(280) };
    const { workers, chromaProcesses, starts, left } = await peaksOf({
      programs,
      start: [...start, { program: 'client', atMs: 2_000 }],
      files,
      forMs,
    });
    console.log(`ours: ${workers} workers, ${chromaProcesses} chroma-mcp at once, ${starts} starts`);
    expect(starts).toBeGreaterThan(BREAKER.failures);
    expect(starts).toBeLessThanOrEqual(BREAKER.failures + STORM.withinMs / BREAKER.cooldownMs);
    expect({ workers, chromaProcesses, left: left.workers }).toEqual({
      workers: 1,
      chromaProcesses: 1,
      left: 1,
    });
  });
});

describe('the figures of #1085', () => {
  it('starts per event: two before, one after', async () => {
    const start = [{ program: 'hook' }];
    const before = await peaksOf({ programs: { hook: hookBefore, worker: workerBefore() }, start });
    expect([before.ensured, (await peaksOf({ start })).ensured]).toEqual([2, 1]);
  });

  it('the race between check and spawn: open for 100 ms before, closed after', async () => {
    const apart = (ms: number) => [{ program: 'hook' }, { program: 'hook', atMs: ms }];
    const programs = { hook: hookBefore, worker: workerBefore() };
    const workers = async (trial: Trial): Promise<number> => (await peaksOf(trial)).workers;
    expect(await workers({ programs, start: apart(90) })).toBe(2);
    expect(await workers({ programs, start: apart(700) })).toBe(1);
    for (const ms of [0, 50, 90, 100, 110]) expect(await workers({ start: apart(ms) })).toBe(1);
  });

  it('N concurrent searches: N chroma-mcp before, one after', async () => {
    const start = [{ program: 'worker' }, { program: 'client', count: 8, atMs: 500 }];
    const client = clientOf(1);
    // The first connection, which the worker itself has made, is down.
    const files = { [CHROMA_MOOD]: 'hangs' };
    const before = await peaksOf({ programs: { worker: workerBefore(), client }, start, files });
    const after = await peaksOf({ programs: { client }, start, files });
    expect([before.chromaProcesses, after.chromaProcesses]).toEqual([9, 1]);
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
    expect(before.left).toEqual({ workers: 2, chromaProcesses: 2 });
    expect(after.left).toEqual({ workers: 1, chromaProcesses: 1 });
    expect(after.exits['worker#2']).toMatchObject({ code: 0 });
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
