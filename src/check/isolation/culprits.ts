// Once a difference has been found, finds the variables through which programs may share memory.

import { scenariosIn } from '../../scenario/modules.ts';
import type { Scenario } from '../../scenario/options.ts';
import { firstOf } from '../../scenario/wording.ts';
import type { Origin } from './apart.ts';
import type { Closures } from './closures.ts';
import { importFresh } from './fresh-modules.ts';
import { instancesOf } from './instances.ts';
import { Memory, type Snapshot, type Variable } from './memory.ts';
import { describePlace, placesOf, type VariablePlace } from './places.ts';
import { togglesIn } from './toggles.ts';
import type { TracedRun } from './traced-run.ts';

const MOST_NAMED = 3;

/** The location of a variable, with its key in the memory in which it was found. */
type Keyed = VariablePlace & { readonly of: { readonly key: string } };

/** Variables that one process of this run changes, another one sees changed, and that are restored later. */
export async function toggledPlaces(
  closures: Closures,
  memory: Memory,
  scenario: Scenario,
  run: TracedRun,
  hangTimeoutMs: number | undefined,
): Promise<Keyed[]> {
  const keys = await togglesIn(scenario, memory, run, hangTimeoutMs);
  return placesOf(
    closures,
    keys.map((key) => ({ ...memory.variable(key), key })),
  );
}

/** Those of {@link toggledPlaces} that are shared even if each process has its own module instance: built-in objects, packages. */
export async function sharedPlaces(
  closures: Closures,
  memory: Memory,
  scenario: Scenario,
  { url }: Origin,
  toggled: readonly Keyed[],
): Promise<VariablePlace[]> {
  if (toggled.length === 0) return [];
  const [instance] = await instancesOf(scenario, url, 1);
  const other = new Memory(closures, instance!);
  const values = new Map(
    keyedPlaces(closures, other).map(({ key, place }) => [key, other.valueOf(place.of.key)]),
  );
  return toggled.filter((place) => {
    if (place.file === null) return true;
    const value = memory.valueOf(place.of.key);
    const isReference = typeof value === 'object' || typeof value === 'function';
    return isReference && value !== null && values.get(keyOf(place)) === value;
  });
}

/** Variables that have changed since the snapshot. */
export function changedPlaces(closures: Closures, scenario: Scenario, before: Snapshot): VariablePlace[] {
  const memory = new Memory(closures, scenario);
  const changed = [...memory.read()].filter(([key, text]) => (before.get(key) ?? text) !== text);
  return placesOf(
    closures,
    changed.map(([key]) => memory.variable(key)),
  );
}

/** Variables that differ from those of a freshly loaded module. */
export async function usedPlaces(
  closures: Closures,
  scenario: Scenario,
  { url }: Origin,
): Promise<VariablePlace[]> {
  const loaded = scenariosIn(await importFresh(url)).find(({ id }) => id === scenario.id);
  if (loaded === undefined) return [];
  const fresh = new Map(
    keyedPlaces(closures, new Memory(closures, loaded)).map(({ key, text }) => [key, text]),
  );
  return keyedPlaces(closures, new Memory(closures, scenario))
    .filter(({ key, text }) => (fresh.get(key) ?? text) !== text)
    .map(({ place }) => place);
}

/** The names of at most three of them, for display; `null` if there are none. */
export function namesOf(places: readonly VariablePlace[]): string | null {
  const names = [...new Set(places.map(describePlace))];
  if (names.length === 0) return null;
  return firstOf(names, MOST_NAMED);
}

/** The file of a scenario's first program; `null` if it is not a file of the project. */
export function fileOf(closures: Closures, { programs }: Scenario): string | null {
  const [program] = programs.values();
  const { location } = closures.functionOf(closures.handleOf(program!));
  if (location === null) return null;
  return placesOf(closures, [{ name: program!.name, location }])[0]?.file ?? null;
}

/** Variables with keys that are equal in all instances of a module. */
function keyedPlaces(closures: Closures, memory: Memory): { key: string; text: string; place: Keyed }[] {
  const variables: (Variable & { key: string; text: string })[] = [...memory.read()].map(([key, text]) => ({
    ...memory.variable(key),
    ...{ key, text },
  }));
  return placesOf(closures, variables).map((place) => ({
    key: keyOf(place),
    text: place.of.text,
    place,
  }));
}

/** The key without the ID of the script, which differs between instances. */
function keyOf({ of, file }: Keyed): string {
  return of.key.replace(/^\d+/, file ?? '');
}
