/** What does not stop the storm, and what becomes of it on a machine that is full: each layer where a spawn fails. */
import { describe, expect, it } from 'vitest';
import { workerAfter } from '../../src/systems/claude-mem/after.ts';
import { hookBefore, workerBefore } from '../../src/systems/claude-mem/before.ts';
import { BREAKER, SLOW_MS, SYNC_EVERY_MS } from '../../src/systems/claude-mem/constants.ts';
import { clientOf, session, statusline, withContext } from '../../src/systems/claude-mem/programs/client.ts';
import { ensureBehindMutex, ensureUnguarded, hook } from '../../src/systems/claude-mem/programs/launcher.ts';
import { type Layer, layered } from '../../src/systems/claude-mem/programs/layers.ts';
import { CHROMA_MOOD } from '../../src/systems/claude-mem/setup.ts';
import { endsAfter } from '../../src/systems/vocabulary/index.ts';
import { type Peaks, peaksOf } from './claude-mem-peaks.ts';

describe('a spawn that fails, since the machine is full', () => {
  it('on a machine without room for it: it takes all the room, and all later spawns fail', async () => {
    const maxProcesses = 100;
    const slow = { bindsAfterMs: SLOW_MS, syncEveryMs: SYNC_EVERY_MS };
    const trial = {
      start: [{ program: 'hook', count: 10 }],
      files: { [CHROMA_MOOD]: 'hangs' },
      maxProcesses,
      forMs: 120_000,
    };
    const before = await peaksOf({ ...trial, programs: { hook: hookBefore, worker: workerBefore(slow) } });
    expect(before.left.workers + before.left.chromaProcesses).toBe(maxProcesses);
    expect(before.marks['spawn-failed']).toBeGreaterThan(100);
    const after = await peaksOf({ ...trial, programs: { worker: workerAfter(slow) } });
    expect(after.marks['spawn-failed']).toBeUndefined();
  });

  /** Fillers leave no room until so many milliseconds are over. */
  const fullUntil = (ms: number) => ({
    programs: { filler: endsAfter(ms) },
    start: [{ program: 'filler', count: 5, foreign: true }],
  });

  it('one command for each event: there is no second attempt, and no worker until the next event', async () => {
    const { programs, start } = fullUntil(150);
    const left = async (own: ReturnType<typeof layered>, ...later: { program: string; atMs: number }[]) => {
      const trial = { programs: { ...programs, ...own }, start: [...start, { program: 'hook' }, ...later] };
      return (await peaksOf({ ...trial, maxProcesses: 6 })).left.workers;
    };
    expect(await left(layered([]))).toBe(1);
    expect(await left(layered(['one-command']))).toBe(0);
    expect(await left(layered(['one-command']), { program: 'hook', atMs: 1_000 })).toBe(1);
  });

  it('the mutex: free again at once, so that the next hook need not wait until it is stale', async () => {
    const { programs, start } = fullUntil(150);
    const hooks = [{ program: 'hook' }, { program: 'hook', atMs: 300 }];
    const trial = { programs: { ...programs, ...layered(['mutex', 'one-command']) }, maxProcesses: 7 };
    const { marks, left, exits } = await peaksOf({ ...trial, start: [...start, ...hooks] });
    expect(marks).toMatchObject({ 'spawn-failed': 1, 'gave-up': 1, ready: 1 });
    expect(left.workers).toBe(1);
    expect(exits['hook#2']!.atMs).toBeLessThan(1_000);
  });

  it('a worker without the TCP port: it starts nothing, so that nothing can fail', async () => {
    const start = [{ program: 'worker', count: 2 }];
    const attempts = async (layers: readonly Layer[]) =>
      (await peaksOf({ programs: layered(layers), start, maxProcesses: 2, forMs: 1_000 })).marks[
        'spawn-failed'
      ];
    // That of the one that listens.
    expect([await attempts([]), await attempts(['bind-loser-ends'])]).toEqual([2, 1]);
  });

  it('the connection: three failures count, however short the machine was full, and a minute is lost', async () => {
    const { programs, start } = fullUntil(2_500);
    const foundAfter = async (layers: readonly Layer[]): Promise<number> => {
      const searches = 90;
      const { marks } = await peaksOf({
        programs: { ...programs, ...layered(layers), client: clientOf(searches) },
        start: [...start, { program: 'worker' }, { program: 'client', atMs: 500 }],
        maxProcesses: 7,
        forMs: 100_000,
      });
      return searches - marks.found!;
    };
    const [before, after] = [await foundAfter([]), await foundAfter(['connection'])];
    expect(before).toBeLessThan(5);
    expect(after).toBeGreaterThan(BREAKER.cooldownMs / 1_000 - 5);
  });
});

describe('earlier fixes', () => {
  it.each([
    [
      'context at once (#959)',
      { hook: withContext(hookBefore) },
      { contextAfterMs: 5_000 },
      { contextAfterMs: 0 },
    ],
    ['one hook less (#960)', {}, {}, {}],
    ['a status line without the worker (#1047)', {}, {}, {}],
  ] as const)('%s: the race between two hooks is as it was', async (name, programs, slow, fast) => {
    const isFewer = name.includes('#960');
    const isLine = name.includes('#1047');
    const of = (done: boolean): Promise<Peaks> => {
      const line = { statusline: statusline(done ? 'database' : 'worker') };
      const commands = { hook: hook(ensureUnguarded(), isFewer && !done ? 3 : 2) };
      const worker = workerBefore(done ? fast : slow);
      const start = [{ program: 'hook', count: 2 }, ...(isLine ? [{ program: 'statusline' }] : [])];
      return peaksOf({ programs: { ...commands, ...programs, ...line, worker }, start });
    };
    const [before, after] = [await of(false), await of(true)];
    expect([before.workers, after.workers]).toEqual([2, 2]);
    // It does what it is for.
    if (isFewer) expect([before.ensured, after.ensured]).toEqual([6, 4]);
    else if (isLine) expect([before.marks['status-shown'], after.marks['status-shown']]).toEqual([10, 10]);
    else expect(before.exits['hook#1']!.atMs - after.exits['hook#1']!.atMs).toBeGreaterThan(4_000);
  });
});

it('sessions behind the mutex have one worker', async () => {
  const { workers } = await peaksOf({
    programs: { session, hook: hook(ensureBehindMutex()), worker: workerAfter() },
    start: [{ program: 'session', count: 3 }],
  });
  expect(workers).toBe(1);
});
