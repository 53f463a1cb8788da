/** Loads one scenario by the module that exports it, in a process of its own. */
import { findBounded } from '../scenario/bounds.ts';
import type { Scenario } from '../scenario/index.ts';
import { importModule, scenariosIn } from '../scenario/modules.ts';

/** The module of the built-in scenarios. */
export const BUILT_IN_URL = new URL('../systems/index.js', import.meta.url).href;

/** @param id may have bounds: those of a token of `explore` @throws if the module does not export it */
export async function loadScenario(url: string, id: string): Promise<Scenario> {
  const scenario = url === BUILT_IN_URL ? await builtIn(id) : await exported(url, id);
  if (scenario === undefined) throw new Error(`${url} exports no scenario ${id}`);
  return scenario;
}

async function builtIn(id: string): Promise<Scenario | undefined> {
  return (await import('../systems/one.ts')).builtInScenario(id);
}

async function exported(url: string, id: string): Promise<Scenario | undefined> {
  const scenarios = scenariosIn(await importModule(url));
  const find = (wanted: string): Scenario | undefined => scenarios.find((each) => each.id === wanted);
  return find(id) ?? findBounded(id, find);
}
