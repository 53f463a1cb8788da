import { describe, expect, it } from 'vitest';
import type { ScenarioReport, SearchResult } from '../../src/check/index.ts';
import { type Chunks, chunksOf, rangeOfChunk, restOf } from '../../src/check/parallel/chunks.ts';
import { type Job, type TaskResult, takeTurns } from '../../src/check/parallel/job.ts';
import { merge } from '../../src/check/parallel/merge.ts';
import { SharedCounters } from '../../src/check/parallel/shared-counters.ts';
import { always, type Scenario } from '../../src/scenario/index.ts';
import { BLOCK_RUNS } from '../../src/schedule/run-factory.ts';
import { scenarioOf } from './helpers.ts';

describe('the runs of a search in chunks', () => {
  const numbersOf = ({ from, to }: { from: number; to: number }, of: number): number[] =>
    Array.from({ length: Math.ceil((to - from) / of) }, (_, i) => from + i * of);
  const chunked = (chunks: Chunks): number[][] => {
    const all: number[][] = [];
    for (let range = rangeOfChunk(chunks, 0); range !== null; range = rangeOfChunk(chunks, all.length)) {
      all.push(numbersOf(range, chunks.of));
    }
    return all;
  };

  it.each([
    { made: 0, runMs: 1, shard: { index: 0, of: 1 } },
    { made: 37, runMs: 1, shard: { index: 0, of: 1 } },
    { made: 300, runMs: 0.1, shard: { index: 0, of: 1 } },
    { made: 300, runMs: 0.1, shard: { index: 2, of: 3 } },
    { made: 5, runMs: 1_000, shard: { index: 1, of: 2 } },
  ])('are all that are left, each once, and in their order: %o', ({ made, runMs, shard }) => {
    const chunks = chunksOf({ seed: 1, runs: 9_000, shard }, made, runMs);
    const whole = numbersOf({ from: shard.index, to: 9_000 }, shard.of);
    const left = whole.slice(made).join();
    expect(chunked(chunks).flat().join()).toBe(left);
    expect(numbersOf(restOf(chunks), shard.of).join()).toBe(left);
  });

  it('begin at a block boundary or a part of a block, so that nothing is learned twice', () => {
    for (const runMs of [0.1, 0.5, 3]) {
      const chunks = chunksOf({ seed: 1, runs: 9_000 }, 300, runMs);
      const [, ...others] = chunked(chunks);
      expect(others.length).toBeGreaterThan(2);
      for (const [first] of others) expect(first! % Math.min(chunks.each, BLOCK_RUNS)).toBe(0);
    }
  });
});

describe('chunks, merged', () => {
  const chunk = (runs: number, more: Partial<SearchResult> = {}): SearchResult => ({
    ...{ runs, steps: runs * 10, sometimes: { owned: runs }, strategies: { pct: runs } },
    ...{ exercised: [], started: [], struck: {}, spawned: {}, unawaitedSleepMs: 0 },
    ...{ states: [1, runs], found: null, ...more },
  });
  const found = (run: number) => ({
    ...{ run, failure: { invariant: 'i', message: '' }, schedule: {} as never, by: 'pct' },
  });

  it('are added up to the first failing run; what lies behind it is left out', () => {
    const merged = merge([
      chunk(5),
      undefined,
      chunk(2, { found: found(7) }),
      chunk(9),
      chunk(1, { found: found(17) }),
    ]);
    expect(merged).toEqual({
      ...{ runs: 7, steps: 70, sometimes: { owned: 7 }, strategies: { pct: 7 } },
      ...{
        exercised: [],
        started: [],
        struck: {},
        spawned: {},
        unawaitedSleepMs: 0,
        marked: {},
        missingFolders: {},
      },
      ...{ states: [1, 5, 2], found: found(7) },
    });
  });
});

describe('taking turns', () => {
  const options = { seed: 1, runs: 30 };
  const common = { strategy: 'random', options, endsAtMs: Number.POSITIVE_INFINITY };
  const sound = scenarioOf({ idle: async () => 0 }, { id: 'test/turns/sound' });
  const broken = scenarioOf(
    { idle: async () => 0 },
    { id: 'test/turns/broken', invariants: [always('never', () => 'always')] },
  );

  async function turns(job: Job, shared: SharedCounters): Promise<TaskResult[]> {
    const pieces: TaskResult[] = [];
    const find = async ({ id }: { id: string }): Promise<Scenario> => (id === sound.id ? sound : broken);
    await takeTurns(job, shared, { find, emit: (piece) => pieces.push(piece) });
    return pieces;
  }

  it('ends after a chunk with a violation; earlier chunks in other threads continue', async () => {
    const shared = SharedCounters.begin();
    expect(shared.take()).toBe(0);
    const chunks = { runs: 30, made: 0, each: 10, first: 0, of: 1 };
    const pieces = await turns({ kind: 'chunks', url: '', id: broken.id, chunks, ...common }, shared);
    expect(pieces).toMatchObject([{ kind: 'searched', index: 1, searched: { runs: 1, found: { run: 11 } } }]);
    expect([0, 1, 2].map((index) => shared.wants(index))).toEqual([true, true, false]);
  });

  it.each([
    [false, [true, false, true, true]],
    [true, [true, false]],
  ])(
    'with bail %s continues, or not, after the first scenario with an unexpected verdict',
    async (bail, oks) => {
      const targets = [sound, broken, sound, sound].map(({ id }) => ({ url: '', id, recorded: [] }));
      const pieces = await turns(
        { kind: 'scenarios', targets, bail, lanes: 2, ...common },
        SharedCounters.begin(),
      );
      const reports = pieces.map((piece) => (piece as { report: ScenarioReport }).report);
      expect(reports.map(({ ok }) => ok)).toEqual(oks);
    },
  );
});
