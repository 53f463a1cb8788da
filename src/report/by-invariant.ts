/** All invariants of a list of scenarios, grouped: what the library offers, what several systems share, and what only one has. */

import { type Invariant, ONE_SURVIVOR, type Scenario } from '../scenario/index.ts';
import * as builtIn from '../scenario/invariants.ts';
import { count } from '../scenario/wording.ts';
import type { Colors } from './colors.ts';
import { printable } from './escape.ts';
import { toJson } from './json.ts';
import type { UnusableEntry } from './list.ts';
import { padEnd, widthOf } from './wrap.ts';

type Listed = Pick<Scenario, 'id' | 'expects' | 'violates'> & {
  readonly invariants: readonly Pick<Invariant, 'kind' | 'name'>[];
};

/** An invariant, and the scenarios that have it. Plain data. */
export interface InvariantUse {
  readonly name: string;
  readonly kind: Invariant['kind'];
  /** The ids of all scenarios that check it. */
  readonly scenarios: readonly string[];
  /** The ids of those that expect a violation of it. */
  readonly violatedIn: readonly string[];
}

/** Invariants of the same origin. */
export interface InvariantGroup {
  readonly title: string;
  readonly invariants: readonly InvariantUse[];
}

const KINDS: readonly Invariant['kind'][] = ['always', 'eventually', 'sometimes'];
const BUILT_IN = new Set(Object.values(builtIn).map(({ name }) => name));
const TITLES = {
  oneSurvivor: 'One survivor',
  builtIn: 'Built-in invariants',
  shared: 'Shared by several systems',
} as const;

/** "One survivor" first, then those of the library, of several systems, and of each system. In a group: by kind, then the most used. */
export function groupsByInvariant(scenarios: readonly Listed[]): InvariantGroup[] {
  const uses = new Map<string, InvariantUse & { scenarios: string[]; violatedIn: string[] }>();
  for (const { id, expects, violates, invariants } of scenarios) {
    for (const { kind, name } of invariants) {
      const key = `${kind} ${name}`;
      const use = uses.get(key) ?? { name, kind, scenarios: [], violatedIn: [] };
      uses.set(key, use);
      use.scenarios.push(id);
      if (expects === 'violation' && violates === name) use.violatedIn.push(id);
    }
  }
  const all = [...uses.values()].sort(byKindAndUse);
  const titles = new Set([...Object.values<string>(TITLES), ...all.map(titleOf).sort()]);
  return [...titles]
    .map((title) => ({ title, invariants: all.filter((use) => titleOf(use) === title) }))
    .filter(({ invariants }) => invariants.length > 0);
}

function titleOf({ name, scenarios }: InvariantUse): string {
  if (name === ONE_SURVIVOR || name.startsWith(`${ONE_SURVIVOR} of `)) return TITLES.oneSurvivor;
  if (BUILT_IN.has(name)) return TITLES.builtIn;
  const systems = systemsOf(scenarios);
  return systems.length > 1 ? TITLES.shared : `Only of ${systems[0]}`;
}

/** A system is the first part of an id. */
function systemsOf(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => id.split('/')[0]!))];
}

function byKindAndUse(a: InvariantUse, b: InvariantUse): number {
  return (
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    b.scenarios.length - a.scenarios.length ||
    (a.name < b.name ? -1 : 1)
  );
}

export function byInvariantJson(
  scenarios: readonly Listed[],
  unusable: readonly UnusableEntry[] = [],
): string {
  return toJson({ groups: groupsByInvariant(scenarios), unusable });
}

export function byInvariant(scenarios: readonly Listed[], { bold, dim, yellow }: Colors): string {
  const groups = groupsByInvariant(scenarios);
  const width = Math.max(
    0,
    ...groups.flatMap(({ invariants }) => invariants.map(({ name }) => widthOf(printable(name)))),
  );
  const lines = groups.map(({ title, invariants }) => [
    bold(printable(title)),
    ...invariants.map(({ kind, name, scenarios: ids, violatedIn }) => {
      const systems = systemsOf(ids);
      const where = systems.length > 1 ? `: ${systems.join(', ')}` : '';
      const known = violatedIn.length === 0 ? '' : yellow(`  violated, as expected, in ${violatedIn.length}`);
      const used = dim(`${count(ids.length, 'scenario')}${printable(where)}`);
      return `  ${dim(kind.padEnd('eventually'.length))}  ${padEnd(printable(name), width)}  ${used}${known}`;
    }),
  ]);
  return lines.map((group) => group.join('\n')).join('\n\n');
}
