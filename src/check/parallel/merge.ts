import type { Found, Searched } from '../search.ts';

/** Chunks in the order of their runs: what one search would have seen. What lies behind the first failing run is left out. */
export function merge(chunks: readonly (Searched | undefined)[]): Searched {
  let runs = 0;
  let steps = 0;
  let found: Found | null = null;
  let shared: Searched['shared'];
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
    shared ??= chunk.shared;
    if (found !== null) break;
  }
  return { runs, steps, sometimes, strategies, states: [...states], found, ...(shared && { shared }) };
}

function addCounts(to: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) to[name] = (to[name] ?? 0) + count;
}
