import type { Film } from '../../check/index.ts';
import { familyOf } from './family.ts';

/** How many files to choose from. */
const MOST_FAMILIES = 12;

/**
 * Files that may be the claim: those that come, go or change in a run, the ones first that most processes touch under
 * one name. A family of numbered files (`gen-1`, `gen-2`) is one.
 */
export function claimFamilies({ events, frames }: Film): string[] {
  const touched = new Map<string, Set<string>>();
  for (const { process, args } of events) {
    for (const path of [args.path, args.from, args.to]) {
      if (typeof path !== 'string' || process === 'nemesis') continue;
      touched.set(path, (touched.get(path) ?? new Set()).add(process));
    }
  }
  const scores = new Map<string, number>();
  const parents = new Set<string>();
  // What is there from the beginning and never changes tells nothing.
  for (const path of frames.slice(1).flatMap(({ files = {} }) => Object.keys(files))) {
    const family = familyOf(path);
    const by = touched.get(path)?.size ?? 0;
    // A temporary file is its writer's alone, however often there is one.
    scores.set(family, Math.max(scores.get(family) ?? 0, by) + (by > 1 ? 0.01 : 0));
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      parents.add(familyOf(path.slice(0, at)));
    }
  }
  return [...scores]
    .filter(([family]) => !parents.has(family))
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, MOST_FAMILIES)
    .map(([family]) => family);
}
