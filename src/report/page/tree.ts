import type { PageNode } from './data.ts';

/** A decision in the record of an exploration. Each node comes after its parent; the first one is the root. */
export interface Decided {
  readonly parent: number;
  /** `null` for the default choice. */
  readonly label: string | null;
  readonly end: PageNode['end'];
}

/** The tree with chains of nodes without alternatives merged. */
export function pageNodes(nodes: readonly Decided[]): PageNode[] {
  const children = new Int32Array(nodes.length);
  for (const { parent } of nodes) if (parent >= 0) children[parent]!++;
  const made: { parent: number; labels: string[]; end: PageNode['end'] }[] = [];
  /** For each node, the index of the merged node. */
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
