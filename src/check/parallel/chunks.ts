import { BLOCK_RUNS } from '../../schedule/run-factory.ts';
import { countRuns, firstOfShard, rangeOf, type SearchOptions } from '../search-options.ts';

/** The intended duration of a chunk: short enough for progress, long enough to be worth a message. Chosen by hand. */
const CHUNK_MS = 200;
const MAX_CHUNK_RUNS = 10_000;

/** The runs of a search, counted from 0 without gaps, divided into chunks. Plain data. */
export interface Chunks {
  /** The number of runs; Infinity for as many as the time allows. */
  readonly runs: number;
  /** How many were already made. */
  readonly made: number;
  /** The number of runs of a chunk. */
  readonly each: number;
  /** The number of the first run, and the distance to the next. */
  readonly first: number;
  readonly of: number;
}

/** @param runMs how long a run takes, approximately */
export function chunksOf(options: SearchOptions, made: number, runMs: number): Chunks {
  const { shard = { index: 0, of: 1 } } = options;
  const each = wholeBlocks(Math.min(MAX_CHUNK_RUNS, Math.max(1, Math.round(CHUNK_MS / runMs))));
  const first = firstOfShard(rangeOf(options).from, shard);
  return { runs: countRuns(options), made, each, first, of: shard.of };
}

/** The numbers of all remaining runs, for a search of the same shard. */
export function restOf({ runs, made, first, of }: Chunks): { from: number; to: number } {
  return { from: first + made * of, to: first + (runs - 1) * of + 1 };
}

/** The run numbers of a chunk, for a search of the same shard; `null` if there is no such chunk. */
export function rangeOfChunk(chunks: Chunks, index: number): { from: number; to: number } | null {
  const { runs, first, of } = chunks;
  const from = startOf(chunks, index);
  if (from >= runs) return null;
  const to = Math.min(runs, startOf(chunks, index + 1));
  return { from: first + from * of, to: first + (to - 1) * of + 1 };
}

/** All chunks except the first start at a block boundary, or at a fixed part of a block. */
function startOf({ made, each }: Chunks, index: number): number {
  return index === 0 ? made : made - (made % Math.min(each, BLOCK_RUNS)) + index * each;
}

/** A chunk longer than a block ends at a block boundary, so that nothing needs to be learned twice. */
function wholeBlocks(runs: number): number {
  return runs < BLOCK_RUNS ? runs : runs - (runs % BLOCK_RUNS);
}
