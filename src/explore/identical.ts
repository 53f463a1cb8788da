/** Which processes of a scenario are identical, so that it makes no difference which of them begins first. */
import type { Scenario, Start } from '../scenario/index.ts';

/** Two processes, by their numbers in a run. */
export type Pair = readonly [number, number];

/**
 * For each process that the scenario starts, in the order of their numbers, what it is; identical ones are the same. Null:
 * it is like no other.
 */
export function kindsOf({ start }: Pick<Scenario, 'start'>): readonly (string | null)[] {
  const kinds = start.flatMap((each) => {
    const { count: _, ...rest } = each;
    const kind = isOneOfMany(each) ? JSON.stringify(Object.entries(rest).sort()) : null;
    return Array.from({ length: each.count ?? 1 }, () => kind);
  });
  return kinds.map((kind) => (kinds.indexOf(kind) === kinds.lastIndexOf(kind) ? null : kind));
}

/** A process that has a PID of its own, or a parent, or is not in every run, is not exchanged for another. */
function isOneOfMany({ pid, parent, optional = false, foreign = false }: Start): boolean {
  return pid === undefined && parent === undefined && !optional && !foreign;
}

export function pairsOf(kinds: readonly (string | null)[]): readonly Pair[] {
  return kinds.flatMap((kind, i) =>
    kind === null ? [] : kinds.flatMap((other, j): Pair[] => (j > i && other === kind ? [[i, j]] : [])),
  );
}
