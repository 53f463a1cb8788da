import Tinypool from 'tinypool';
import {
  type CheckOptions,
  countRuns,
  type Found,
  firstOfShard,
  rangeOf,
  type Searched,
  search,
} from './check.ts';
import { BLOCK_RUNS } from './choices/steering.ts';
import { DEFAULT_STRATEGY, findStrategy } from './choices/strategies.ts';
import type { Scenario } from './scenario.ts';
import type { Chunk } from './worker.ts';

/** Searches that are over by then are not worth a thread. */
const ALONE_MS = 300;
/** How long a chunk should take: short enough for progress, long enough to be worth a message. */
const CHUNK_MS = 200;
const MAX_CHUNK_RUNS = 10_000;
const POLL_MS = 50;
const ALL_WANTED = 0x7fff_ffff;
const NONE_WANTED = -1;

/**
 * Threads that search together. What they find is what one alone would find: work is cut into chunks of run numbers,
 * the failing run with the lowest number wins, and what lies beyond it does not count.
 */
export class Crew {
  readonly #workers: number;
  #pool: Tinypool | null = null;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** @param url the module that exports the scenario, for the threads to import */
  searcher(url: string): NonNullable<CheckOptions['search']> {
    return (scenario, options) => {
      const { strategy = DEFAULT_STRATEGY } = options;
      const alone = this.#workers < 2 || findStrategy(strategy.name) !== strategy;
      return alone ? search(scenario, options) : this.#search(scenario, options, url);
    };
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
    this.#pool = null;
  }

  async #search(scenario: Scenario, options: CheckOptions, url: string): Promise<Searched> {
    const begunAt = performance.now();
    const plan = new Plan(options);
    const { budgetMs = Number.POSITIVE_INFINITY } = options;
    const leftMs = (): number => budgetMs - (performance.now() - begunAt);
    const first = await search(scenario, {
      ...options,
      range: plan.range(0, plan.runs),
      budgetMs: Math.min(ALONE_MS, budgetMs),
    });
    if (first.found !== null || first.runs >= plan.runs || options.signal?.aborted || leftMs() <= 0)
      return first;
    const runMs = (performance.now() - begunAt) / Math.max(1, first.runs);
    if ((plan.runs - first.runs) * runMs < ALONE_MS) {
      const rest = {
        range: plan.range(first.runs, plan.runs),
        ...(leftMs() < Infinity && { budgetMs: leftMs() }),
      };
      return merge([first, await search(scenario, { ...options, ...rest })]);
    }
    const chunkRuns = wholeBlocks(Math.min(MAX_CHUNK_RUNS, Math.max(1, Math.round(CHUNK_MS / runMs))));
    const startOf = (index: number): number =>
      index === 0
        ? first.runs
        : first.runs - (first.runs % Math.min(chunkRuns, BLOCK_RUNS)) + index * chunkRuns;
    const wanted = new Int32Array(new SharedArrayBuffer(4));
    wanted[0] = ALL_WANTED;
    const results: Searched[] = [];
    const seen = new Progress(scenario.id, plan.runs, first, options);
    let next = 0;
    const lane = async (): Promise<void> => {
      for (;;) {
        const index = next++;
        const from = startOf(index);
        const budget = leftMs();
        if (from >= plan.runs || budget <= 0 || Atomics.load(wanted, 0) < index) return;
        const range = plan.range(from, Math.min(plan.runs, startOf(index + 1)));
        const result = await this.#run({
          index,
          url,
          id: scenario.id,
          strategy: (options.strategy ?? DEFAULT_STRATEGY).name,
          options: {
            seed: options.seed,
            range,
            ...plan.shard,
            ...(budget < Infinity && { budgetMs: budget }),
            ...(options.patienceMs !== undefined && { patienceMs: options.patienceMs }),
          },
          wanted,
        });
        results[index] = result;
        if (result.found !== null && index < Atomics.load(wanted, 0)) Atomics.store(wanted, 0, index);
        seen.add(result);
      }
    };
    const poll = setInterval(() => {
      if (options.signal?.aborted) Atomics.store(wanted, 0, NONE_WANTED);
    }, POLL_MS);
    try {
      await Promise.all(Array.from({ length: this.#workers }, lane));
    } finally {
      clearInterval(poll);
      // After an error in one, the others need not go on.
      if (Atomics.load(wanted, 0) === ALL_WANTED) Atomics.store(wanted, 0, NONE_WANTED);
    }
    return merge([first, ...results]);
  }

  #run(chunk: Chunk): Promise<Searched> {
    this.#pool ??= new Tinypool({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: this.#workers,
      maxThreads: this.#workers,
      runtime: 'worker_threads',
    });
    return this.#pool.run(chunk);
  }
}

/** The runs of a check, counted from 0 without gaps, and what their numbers are. */
class Plan {
  readonly runs: number;
  readonly shard: Pick<CheckOptions, 'shard'>;
  readonly #first: number;
  readonly #of: number;

  constructor(options: CheckOptions) {
    const { shard = { index: 0, of: 1 } } = options;
    this.runs = countRuns(options);
    this.shard = { shard };
    this.#first = firstOfShard(rangeOf(options).from, shard);
    this.#of = shard.of;
  }

  range(from: number, to: number): { from: number; to: number } {
    return { from: this.#first + from * this.#of, to: this.#first + (to - 1) * this.#of + 1 };
  }
}

class Progress {
  readonly #id: string;
  readonly #of: number | null;
  readonly #options: CheckOptions;
  #runs: number;
  #steps: number;

  constructor(id: string, of: number, { runs, steps }: Searched, options: CheckOptions) {
    this.#id = id;
    this.#of = Number.isFinite(of) ? of : null;
    this.#options = options;
    this.#runs = runs;
    this.#steps = steps;
  }

  add({ runs, steps }: Searched): void {
    this.#runs += runs;
    this.#steps += steps;
    this.#options.onProgress?.({ id: this.#id, runs: this.#runs, of: this.#of, steps: this.#steps });
  }
}

/** Chunks in the order of their runs: what one search would have seen. What lies behind the first failing run is left out. */
export function merge(chunks: readonly (Searched | undefined)[]): Searched {
  let runs = 0;
  let steps = 0;
  let found: Found | null = null;
  const sometimes: Record<string, number> = {};
  const strategies: Record<string, number> = {};
  const states = new Set<number>();
  for (const chunk of chunks) {
    if (chunk === undefined) continue;
    runs += chunk.runs;
    steps += chunk.steps;
    addCounts(sometimes, chunk.sometimes);
    addCounts(strategies, chunk.strategies ?? {});
    for (const state of chunk.states ?? []) states.add(state);
    found = chunk.found;
    if (found !== null) break;
  }
  return { runs, steps, sometimes, strategies, states: [...states], found };
}

/** What is learned in a block need not be learned twice: a chunk that is longer than one ends with one. */
function wholeBlocks(runs: number): number {
  return runs < BLOCK_RUNS ? runs : runs - (runs % BLOCK_RUNS);
}

function addCounts(to: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) to[name] = (to[name] ?? 0) + count;
}
