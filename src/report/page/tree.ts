import type { PageNode } from './data.ts';

/** A decision and what was decided, as an exploration records it. A node comes after its parent; the first is the root. */
export interface Decided {
  readonly parent: number;
  /** Null: the dull choice. */
  readonly label: string | null;
  readonly end: PageNode['end'];
}

/** A tree with what goes without a choice between in one node. */
export function pageNodes(nodes: readonly Decided[]): PageNode[] {
  const children = new Int32Array(nodes.length);
  for (const { parent } of nodes) if (parent >= 0) children[parent]!++;
  const made: { parent: number; labels: string[]; end: PageNode['end'] }[] = [];
  /** Of each node the one that it has become, or has become a part of. */
  const became = new Int32Array(nodes.length);
  for (const [at, { parent, label, end }] of nodes.entries()) {
    const labels = label === null ? [] : [label];
    if (parent > 0 && children[parent] === 1 && nodes[parent]!.end === null) {
      became[at] = became[parent]!;
      const whole = made[became[at]!]!;
      whole.labels.push(...labels);
      whole.end = end;
    } else {
      became[at] = made.length;
      made.push({ parent: parent < 0 ? -1 : became[parent]!, labels, end });
    }
  }
  return made;
}
