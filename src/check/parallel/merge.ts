/** Merges the searches of several threads, with the same result as a search by a single thread. */
import { mergeCoverage } from '../../run/coverage.ts';
import type { FailingRun, SearchResult } from '../search.ts';

/**
 * Merges chunks in the order of their runs. Runs after the first failing run are dropped.
 *
 * @param chunks at least one; undefined for a chunk that was not searched
 */
export function merge(chunks: readonly (SearchResult | undefined)[]): SearchResult {
  const all = chunks.filter((chunk) => chunk !== undefined);
  const failing = all.findIndex(({ found }) => found !== null);
  const [first, ...others] = failing < 0 ? all : all.slice(0, failing + 1);
  if (first === undefined) throw new RangeError('merge: got no chunk; expected at least one');
  let { runs, steps } = first;
  let found: FailingRun | null = first.found;
  const strategies: Record<string, number> = { ...first.strategies };
  const states = new Set(first.states);
  let { shared } = first;
  for (const chunk of others) {
    runs += chunk.runs;
    steps += chunk.steps;
    addCounts(strategies, chunk.strategies ?? {});
    for (const state of chunk.states ?? []) states.add(state);
    found = chunk.found;
    shared ??= chunk.shared;
  }
  return {
    runs,
    steps,
    ...mergeCoverage([first, ...others]),
    strategies,
    states: [...states],
    found,
    ...(shared && { shared }),
  };
}

function addCounts(to: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) to[name] = (to[name] ?? 0) + count;
}
