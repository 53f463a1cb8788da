import { Console } from 'node:console';
import { type CheckOptions, type Searched, search } from './check.ts';
import { findStrategy } from './choices/strategies.ts';
import { importModule, scenariosIn } from './modules.ts';
import type { Scenario } from './scenario.ts';

/** A part of a search, as a thread gets it. Plain data. */
export interface Chunk {
  readonly index: number;
  /** The module that exports the scenario. */
  readonly url: string;
  readonly id: string;
  readonly strategy: string;
  readonly options: Pick<CheckOptions, 'seed' | 'budgetMs' | 'shard' | 'patienceMs'> &
    Required<Pick<CheckOptions, 'range'>>;
  /** One number, shared by all threads: chunks of a higher index than this are no longer wanted. */
  readonly wanted: Int32Array;
}

const loaded = new Map<string, Promise<Scenario[]>>();

/** Runs in a thread of the pool: searches one chunk. */
export default async function searchChunk(chunk: Chunk): Promise<Searched> {
  const { index, url, id, wanted } = chunk;
  const scenarios = await (loaded.get(url) ?? load(url));
  const scenario = scenarios.find((candidate) => candidate.id === id);
  if (scenario === undefined) throw new Error(`${url} exports no scenario ${id}`);
  const signal = {
    get aborted() {
      return Atomics.load(wanted, 0) < index;
    },
  };
  return search(scenario, { ...chunk.options, strategy: findStrategy(chunk.strategy)!, signal });
}

function load(url: string): Promise<Scenario[]> {
  const scenarios = importModule(url).then(scenariosIn);
  loaded.set(url, scenarios);
  return scenarios;
}

// stdout is the main thread's, for its report.
globalThis.console = new Console(process.stderr, process.stderr);
