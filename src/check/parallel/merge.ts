/** Puts what several threads have searched together, so that it reads as the search of one. */
import { mergeCoverage } from '../../run/coverage.ts';
import type { FailingRun, SearchResult } from '../search.ts';

/**
 * Chunks in the order of their runs: what one search would have seen. What lies behind the first failing run is left out.
 *
 * @param chunks at least one; undefined: a chunk that was not searched
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
