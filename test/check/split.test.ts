/** The runs of a search, split between threads and shards. */
import { describe, expect, it } from 'vitest';
import { chunksOf, rangeOfChunk } from '../../src/check/parallel/chunks.ts';
import { SharedCounters } from '../../src/check/parallel/shared-counters.ts';
import { countRuns, firstOfShard } from '../../src/check/search-options.ts';

describe('the last chunk', () => {
  it('ends where the search does', () => {
    const chunks = chunksOf({ seed: 1, runs: 9_000 }, 0, 0.1);
    expect(chunks.each).toBeLessThan(9_000);
    const last = Math.floor(9_000 / chunks.each);
    expect(rangeOfChunk(chunks, last)).toMatchObject({ to: 9_000 });
    expect(rangeOfChunk(chunks, last + 1)).toBeNull();
  });
});

describe('a shard', () => {
  it('begins with a run of its own, wherever the range begins', () => {
    const first = (from: number, index: number) => firstOfShard(from, { index, of: 3 });
    expect([first(0, 0), first(0, 2), first(4, 0), first(4, 1), first(5, 0)]).toEqual([0, 2, 6, 4, 6]);
  });

  it('has a run more if the runs cannot be divided evenly', () => {
    const count = (index: number) => countRuns({ seed: 1, runs: 5, shard: { index, of: 2 } });
    expect([count(0), count(1)]).toEqual([3, 2]);
  });
});

describe('a job of several threads', () => {
  it('ends at the failing task with the lowest index, whichever thread comes first', () => {
    const counters = SharedCounters.begin();
    counters.cancelAfter(5);
    counters.cancelAfter(2);
    counters.cancelAfter(4);
    expect([1, 2, 3, 5].map((index) => counters.wants(index))).toEqual([true, true, false, false]);
  });
});
