/** The storm: as large as it was reported, layer by layer, and by the length of the time-outs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workerAfter } from '../../src/systems/claude-mem/after.ts';
import { hookBefore, workerBefore } from '../../src/systems/claude-mem/before.ts';
import {
  BREAKER,
  ROOM_FOR_THE_STORM,
  SLOW_MS,
  STORM,
  SYNC_EVERY_MS,
  TARGET,
  TIMEOUTS_BEFORE_1056_MS,
  WAITS,
} from '../../src/systems/claude-mem/constants.ts';
import { chromaServer, serverConnection } from '../../src/systems/claude-mem/programs/chroma-server.ts';
import { clientOf, session } from '../../src/systems/claude-mem/programs/client.ts';
import { ensureUnguarded, hook } from '../../src/systems/claude-mem/programs/launcher.ts';
import { COMBINATIONS, LAYERS, type Layer, layered } from '../../src/systems/claude-mem/programs/layers.ts';
import { CLAUDE_MEM } from '../../src/systems/claude-mem/scenarios.ts';
import { CHROMA_MOOD } from '../../src/systems/claude-mem/setup.ts';
import { claimed } from '../claims/claims.ts';
import { type Peaks, peaksOf } from './claude-mem-peaks.ts';

const files = { [CHROMA_MOOD]: 'hangs' };
const HOOKS = [{ program: 'hook', count: 10 }];
const MINUTE_MS = 60_000;
/** A loaded machine, on which `start` gives up on its worker, and `hook` starts another. */
const SLOW = { bindsAfterMs: SLOW_MS, syncEveryMs: SYNC_EVERY_MS };

describe('the storm: five minutes, ten hooks at once, and a chroma-mcp that never answers', () => {
  const forMs = STORM.withinMs - 1_000;

  it('before: as many as were reported, and it grows without limit', async () => {
    const programs = { hook: hookBefore, worker: workerBefore(SLOW) };
    const { workers, chromaProcesses, mid, left, marks } = await peaksOf({
      programs,
      start: HOOKS,
      files,
      forMs,
      maxProcesses: ROOM_FOR_THE_STORM,
    });
    console.log(`before: ${workers} workers, ${mid.chromaProcesses} and then ${chromaProcesses} chroma-mcp`);
    expect(workers).toBeGreaterThanOrEqual(claimed('claude-mem-2', 'workersBefore'));
    expect(chromaProcesses).toBeGreaterThanOrEqual(claimed('claude-mem-1', 'chromaProcessesBefore'));
    // Not by far: the storm is as large as it was.
    expect(chromaProcesses).toBeLessThan(1.15 * STORM.chromaProcesses);
    // As many again in the same time: nothing holds it.
    expect(chromaProcesses - mid.chromaProcesses).toBeGreaterThan(0.9 * mid.chromaProcesses);
    expect(left.chromaProcesses).toBe(chromaProcesses);
    expect(marks['spawn-failed']).toBeUndefined();
  });

  it('after: one worker, and never more than two chroma-mcp', async () => {
    const programs = { worker: workerAfter({ syncEveryMs: SYNC_EVERY_MS }) };
    const { workers, chromaProcesses, started } = await peaksOf({ programs, start: HOOKS, files, forMs });
    console.log(
      `after: ${workers} workers, ${chromaProcesses} chroma-mcp at once, ${started.chromaProcesses} starts`,
    );
    expect(workers).toBe(claimed('claude-mem-2', 'workersAfter'));
    expect(chromaProcesses).toBeGreaterThan(0);
    expect(chromaProcesses).toBeLessThanOrEqual(claimed('claude-mem-1', 'chromaProcessesAfter'));
    expect(started.chromaProcesses).toBeGreaterThan(BREAKER.failures);
    expect(started.chromaProcesses).toBeLessThanOrEqual(
      BREAKER.failures + STORM.withinMs / BREAKER.cooldownMs,
    );
  });

  it('ours: one worker and one chroma-mcp, despite constant searches', async () => {
    const ours = CLAUDE_MEM.find(({ id }) => id === 'claude-mem/ours/ten-hooks')!;
    const programs = { ...Object.fromEntries(ours.programs), client: clientOf(280) };
    const start = [...HOOKS, { program: 'client', atMs: 2_000 }];
    const { workers, chromaProcesses, started, left } = await peaksOf({ programs, start, files, forMs });
    console.log(
      `ours: ${workers} workers, ${chromaProcesses} chroma-mcp at once, ${started.chromaProcesses} starts`,
    );
    expect(started.chromaProcesses).toBeGreaterThan(BREAKER.failures);
    expect(started.chromaProcesses).toBeLessThanOrEqual(
      BREAKER.failures + STORM.withinMs / BREAKER.cooldownMs,
    );
    expect({ workers, chromaProcesses, left: left.workers }).toEqual({
      workers: 1,
      chromaProcesses: 1,
      left: 1,
    });
  });
});

/** What a set of layers makes of the storm. */
type Effect = 'nothing' | 'thins it' | 'stops it in the end' | 'stops it';

/** Two minutes: what still grows in the second one would go on. */
async function effectOf(layers: readonly Layer[]): Promise<{ effect: Effect; peaks: Peaks }> {
  const trial = { start: HOOKS, files, forMs: 2 * MINUTE_MS, maxProcesses: ROOM_FOR_THE_STORM };
  const peaks = await peaksOf({ ...trial, programs: layered(layers, SLOW) });
  const { workers, chromaProcesses } = TARGET;
  const isWithin = (counts: { workers: number; chromaProcesses: number }): boolean =>
    counts.workers <= workers && counts.chromaProcesses <= chromaProcesses;
  if (isWithin(peaks)) return { effect: 'stops it', peaks };
  if (isWithin(peaks.left) && peaks.chromaProcesses <= chromaProcesses)
    return { effect: 'stops it in the end', peaks };
  return { effect: layers.length === 0 ? 'nothing' : 'thins it', peaks };
}

describe('the four layers, each with and without each other', () => {
  const PAGE = readFileSync(join(import.meta.dirname, '../../docs/decisions/0056-four-layers.md'), 'utf8');

  it('which of them stop the storm is as the page says', async () => {
    const rows: string[] = [];
    for (const layers of COMBINATIONS) {
      const { effect, peaks } = await effectOf(layers);
      const cells = LAYERS.map((layer) => (layers.includes(layer) ? 'on' : ''));
      const { workers, left, chromaProcesses, mid } = peaks;
      rows.push(
        `| ${[...cells, workers, left.workers, mid.chromaProcesses, chromaProcesses, effect].join(' | ')} |`,
      );
    }
    expect(PAGE).toContain(rows.join('\n'));
  });

  it('none of them stops it alone, and without any the storm is back', async () => {
    const effects: Record<string, Effect> = {};
    const peaks: Record<string, Peaks> = {};
    for (const layers of COMBINATIONS.filter(({ length }) => length < 2)) {
      const name = layers[0] ?? 'none';
      ({ effect: effects[name], peaks: peaks[name] } = (await effectOf(layers)) as never);
    }
    expect(effects).toEqual({
      none: 'nothing',
      mutex: 'thins it',
      'bind-loser-ends': 'thins it',
      'one-command': 'thins it',
      connection: 'thins it',
    });
    for (const layer of LAYERS)
      expect(peaks[layer]!.chromaProcesses).toBeLessThan(peaks.none!.chromaProcesses);
  });

  it('with a database server the connection is not needed, and the others are', async () => {
    const programs = { chroma: chromaServer, client: clientOf(3) };
    const start = [...HOOKS, { program: 'client', count: 4, atMs: 1_500 }];
    const of = (layers: readonly Layer[]): Promise<Peaks> =>
      peaksOf({ programs: { ...programs, ...layered(layers, { connection: serverConnection }) }, start });
    const [none, all] = [await of([]), await of(['mutex', 'bind-loser-ends', 'one-command'])];
    expect([none.workers, all.workers]).toEqual([HOOKS[0]!.count, 1]);
    expect([none.marks.found, all.marks.found]).toEqual([12, 12]);
    // The others found the TCP port taken.
    expect([none.left.servers, all.left.servers]).toEqual([1, 1]);
  });
});

describe('shorter time-outs', () => {
  /** Sessions whose worker needs half a minute to listen, as in a storm: each event of a session waits for it, or gives up. */
  async function startedPerMinute(timeoutMs: number): Promise<number> {
    const waits = { ...WAITS, healthCheckMs: timeoutMs, postSpawnMs: timeoutMs, portInUseMs: timeoutMs };
    const { started } = await peaksOf({
      programs: {
        session,
        hook: hook(ensureUnguarded(waits), 2),
        worker: workerBefore({ bindsAfterMs: 29_000 }),
      },
      start: [{ program: 'session', count: 3 }],
      forMs: MINUTE_MS - 1_000,
      files,
      maxProcesses: ROOM_FOR_THE_STORM,
    });
    return started.workers;
  }

  it('raise the rate of spawns while a worker is slow: the shorter, the higher', async () => {
    const timeouts = [TIMEOUTS_BEFORE_1056_MS, 15_000, 10_000, 5_000, 3_000, 1_000];
    const rates: number[] = [];
    for (const timeoutMs of timeouts) rates.push(await startedPerMinute(timeoutMs));
    console.log(
      `workers started in a minute: ${timeouts.map((ms, i) => `${ms / 1_000} s: ${rates[i]}`).join(', ')}`,
    );
    for (const [i, rate] of rates.slice(1).entries()) expect(rate).toBeGreaterThan(rates[i]!);
    expect(rates[timeouts.indexOf(claimed('claude-mem-12', 'timeoutAfterMs'))]).toBeGreaterThan(
      3 * rates[timeouts.indexOf(claimed('claude-mem-12', 'timeoutBeforeMs'))]!,
    );
  });
});
