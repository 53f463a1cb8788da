import { BLOCK_RUNS } from '../../schedule/run-factory.ts';
import { countRuns, firstOfShard, rangeOf, type SearchOptions } from '../search.ts';

/** How long a chunk should take: short enough for progress, long enough to be worth a message. */
const CHUNK_MS = 200;
const MAX_CHUNK_RUNS = 10_000;

/** The runs of a search, counted from 0 without gaps, cut into chunks. Plain data. */
export interface Chunks {
  /** How many runs there are; Infinity: as many as the time allows. */
  readonly runs: number;
  /** So many have been made already. */
  readonly made: number;
  /** How many runs a chunk has. */
  readonly each: number;
  /** The number of the first run, and the distance to the next. */
  readonly first: number;
  readonly of: number;
}

/** @param runMs how long a run takes, about */
export function chunksOf(options: SearchOptions, made: number, runMs: number): Chunks {
  const { shard = { index: 0, of: 1 } } = options;
  const each = wholeBlocks(Math.min(MAX_CHUNK_RUNS, Math.max(1, Math.round(CHUNK_MS / runMs))));
  const first = firstOfShard(rangeOf(options).from, shard);
  return { runs: countRuns(options), made, each, first, of: shard.of };
}

/** The run numbers of all that is left, for a search of the same shard. */
export function restOf({ runs, made, first, of }: Chunks): { from: number; to: number } {
  return { from: first + made * of, to: first + (runs - 1) * of + 1 };
}

/** The run numbers of a chunk, for a search of the same shard; null: there is none of this index. */
export function rangeOfChunk(chunks: Chunks, index: number): { from: number; to: number } | null {
  const { runs, first, of } = chunks;
  const from = startOf(chunks, index);
  if (from >= runs) return null;
  const to = Math.min(runs, startOf(chunks, index + 1));
  return { from: first + from * of, to: first + (to - 1) * of + 1 };
}

/** All but the first begin with a block, or a whole part of one. */
function startOf({ made, each }: Chunks, index: number): number {
  return index === 0 ? made : made - (made % Math.min(each, BLOCK_RUNS)) + index * each;
}

/** What is learned in a block need not be learned twice: a chunk that is longer than one ends with one. */
function wholeBlocks(runs: number): number {
  return runs < BLOCK_RUNS ? runs : runs - (runs % BLOCK_RUNS);
}
