/** One built-in scenario, without loading all systems: a process that runs a single scenario starts sooner. */
import { findBounded } from '../scenario/bounds.ts';
import type { Scenario } from '../scenario/index.ts';

/** By how IDs begin; the first that fits. */
const LOADERS: readonly (readonly [string, () => Promise<readonly Scenario[]>])[] = [
  ['model/naive/', async () => (await import('./naive/scenarios.ts')).NAIVE],
  ['model/generations/', async () => (await import('./naive/generations.ts')).GENERATIONS],
  ['model/', async () => (await import('./model/scenarios.ts')).MODEL],
  ['faults/', async () => (await import('./faults/index.ts')).FAULT_SCENARIOS],
  ['mcporter/', async () => (await import('./mcporter/scenarios.ts')).MCPORTER],
  ['openchrome/', async () => (await import('./openchrome/scenarios.ts')).OPENCHROME],
  ['orchestrator/', async () => (await import('./orchestrator/scenarios.ts')).ORCHESTRATOR],
  ['closedloop/', async () => (await import('./closedloop/scenarios.ts')).CLOSEDLOOP],
  ['claude-mem/', async () => (await import('./claude-mem/scenarios.ts')).CLAUDE_MEM],
  ['peers/', async () => (await import('./packages/scenarios.ts')).PACKAGE_SCENARIOS],
];

/** The built-in scenario with an ID, which may have the bounds of a token of `explore`. */
export async function builtInScenario(id: string): Promise<Scenario | undefined> {
  const [, load] = LOADERS.find(([beginning]) => id.startsWith(beginning)) ?? [];
  const scenarios = (await load?.()) ?? [];
  const find = (wanted: string): Scenario | undefined => scenarios.find((each) => each.id === wanted);
  return find(id) ?? findBounded(id, find);
}
