import type { Recording, TraceEvent } from '../../run/index.ts';
import { pathGroupOf } from './path-group.ts';

/** The maximum number of files to choose from. */
const MOST_GROUPS = 12;
const REMOVES = new Set(['unlink', 'rmdir']);

interface Candidate {
  /** How many processes have used one of its names. */
  by: number;
  /** The names that more than one process has used, since numbered files have many names. */
  readonly shared: Set<string>;
}

/**
 * Files that may be the claim: those that are created, removed or changed in a run. Sorted by how many processes use the same name,
 * then by how often a process used the file last before it marked `own`. A group of numbered files (`gen-1`, `gen-2`) counts
 * as one.
 */
export function claimGroups({ events, frames }: Recording): string[] {
  const touched = touchedBy(events);
  const owned = ownedBy(events);
  const candidates = new Map<string, Candidate>();
  const parents = new Set<string>();
  // Files that never change are not claims.
  for (const path of frames.slice(1).flatMap(({ files = {} }) => Object.keys(files))) {
    const group = pathGroupOf(path);
    const candidate = candidates.get(group) ?? { by: 0, shared: new Set() };
    const by = touched.get(path)?.size ?? 0;
    candidate.by = Math.max(candidate.by, by);
    // A temporary file is only used by its writer, even if there are many.
    if (by > 1) candidate.shared.add(path);
    candidates.set(group, candidate);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      parents.add(pathGroupOf(path.slice(0, at)));
    }
  }
  const ownersOf = (group: string): number => owned.get(group) ?? 0;
  return [...candidates]
    .filter(([group]) => !parents.has(group))
    .sort(
      ([a, x], [b, y]) =>
        y.by - x.by || ownersOf(b) - ownersOf(a) || y.shared.size - x.shared.size || (a < b ? -1 : 1),
    )
    .slice(0, MOST_GROUPS)
    .map(([group]) => group);
}

function pathsOf({ process, args }: TraceEvent): string[] {
  if (process === 'nemesis') return [];
  return [args.path, args.from, args.to].filter((path): path is string => typeof path === 'string');
}

/** For each path, the processes that have used it. */
function touchedBy(events: readonly TraceEvent[]): Map<string, Set<string>> {
  const touched = new Map<string, Set<string>>();
  for (const event of events) {
    for (const path of pathsOf(event)) {
      touched.set(path, (touched.get(path) ?? new Set()).add(event.process));
    }
  }
  return touched;
}

/** For each group, how often a process used it last before it marked `own`. */
function ownedBy(events: readonly TraceEvent[]): Map<string, number> {
  const lastOf = new Map<string, string[]>();
  const owned = new Map<string, number>();
  for (const event of events) {
    const paths = pathsOf(event);
    // An owner may clean up other files before its mark; what it removes is not the claim.
    if (paths.length > 0 && !REMOVES.has(event.op)) lastOf.set(event.process, paths);
    if (event.op !== 'mark' || event.args.name !== 'own') continue;
    for (const group of new Set(lastOf.get(event.process)?.map(pathGroupOf)))
      owned.set(group, (owned.get(group) ?? 0) + 1);
  }
  return owned;
}
