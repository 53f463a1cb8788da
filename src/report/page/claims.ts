import type { Recording, TraceEvent } from '../../run/index.ts';
import { familyOf } from './path-group.ts';

/** How many files to choose from. */
const MOST_FAMILIES = 12;
const REMOVES = new Set(['unlink', 'rmdir']);

interface Candidate {
  /** How many processes have touched one of its names. */
  by: number;
  /** Names that more than one has touched: of numbered files there are many. */
  readonly shared: Set<string>;
}

/**
 * Files that may be the claim: those that come, go or change in a run. First come those that most processes touch under one
 * name, of these the ones that a process touches last before it says that it owns. A family of numbered files (`gen-1`,
 * `gen-2`) is one.
 */
export function claimFamilies({ events, frames }: Recording): string[] {
  const touched = touchedBy(events);
  const owned = ownedBy(events);
  const candidates = new Map<string, Candidate>();
  const parents = new Set<string>();
  // What is there from the beginning and never changes tells nothing.
  for (const path of frames.slice(1).flatMap(({ files = {} }) => Object.keys(files))) {
    const family = familyOf(path);
    const candidate = candidates.get(family) ?? { by: 0, shared: new Set() };
    const by = touched.get(path)?.size ?? 0;
    candidate.by = Math.max(candidate.by, by);
    // A temporary file is its writer's alone, however often there is one.
    if (by > 1) candidate.shared.add(path);
    candidates.set(family, candidate);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      parents.add(familyOf(path.slice(0, at)));
    }
  }
  const ownersOf = (family: string): number => owned.get(family) ?? 0;
  return [...candidates]
    .filter(([family]) => !parents.has(family))
    .sort(
      ([a, x], [b, y]) =>
        y.by - x.by || ownersOf(b) - ownersOf(a) || y.shared.size - x.shared.size || (a < b ? -1 : 1),
    )
    .slice(0, MOST_FAMILIES)
    .map(([family]) => family);
}

function pathsOf({ process, args }: TraceEvent): string[] {
  if (process === 'nemesis') return [];
  return [args.path, args.from, args.to].filter((path): path is string => typeof path === 'string');
}

/** Who has touched a path. */
function touchedBy(events: readonly TraceEvent[]): Map<string, Set<string>> {
  const touched = new Map<string, Set<string>>();
  for (const event of events) {
    for (const path of pathsOf(event)) {
      touched.set(path, (touched.get(path) ?? new Set()).add(event.process));
    }
  }
  return touched;
}

/** How often a family was what a process had touched last when it said that it owned. */
function ownedBy(events: readonly TraceEvent[]): Map<string, number> {
  const lastOf = new Map<string, string[]>();
  const owned = new Map<string, number>();
  for (const event of events) {
    const paths = pathsOf(event);
    // Who owns may still clear something away; the claim is not what it removes.
    if (paths.length > 0 && !REMOVES.has(event.op)) lastOf.set(event.process, paths);
    if (event.op !== 'mark' || event.args.name !== 'own') continue;
    for (const family of new Set(lastOf.get(event.process)?.map(familyOf)))
      owned.set(family, (owned.get(family) ?? 0) + 1);
  }
  return owned;
}
