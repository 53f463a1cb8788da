/** The tree of an exploration for its page: chains of steps without an alternative are one node, and what repeats is there once. */
import { cut } from './cut.ts';
import { PAGE_ENDS, type PageChange, type PageEnd, type PageNode, type PageTree } from './data.ts';

/** A record of an exploration. */
export interface Explored {
  /** Each node comes after its parent; the first one is the root. */
  readonly nodes: readonly ExploredNode[];
  readonly changes: readonly PageChange[];
  readonly choices: readonly (readonly { readonly kind: string; readonly choice: number }[])[];
  readonly left: number;
}

interface ExploredNode {
  readonly parent: number;
  /** `null` at the beginning. */
  readonly label: string | null;
  readonly changed: readonly number[];
  readonly chosen: number;
  readonly end: PageEnd;
}

/** @param kinds all kinds of choices, in the order of a token */
export function pageNodes(
  { nodes, changes, choices, left }: Explored,
  kinds: readonly string[],
): Pick<PageTree, 'labels' | 'changes' | 'choices' | 'nodes' | 'left'> {
  const children = new Int32Array(nodes.length);
  for (const { parent } of nodes) if (parent >= 0) children[parent]!++;
  const labels = new Numbers();
  const made: { parent: number; end: PageEnd; labels: number[]; choices: number[]; changes: number[] }[] = [];
  /** For each node, the index of the merged node. */
  const became = new Int32Array(nodes.length);
  for (const [at, { parent, label, end, chosen, changed }] of nodes.entries()) {
    const own = label === null ? [] : [labels.of(label)];
    if (parent > 0 && children[parent] === 1 && nodes[parent]!.end === null) {
      became[at] = became[parent]!;
      const whole = made[became[at]!]!;
      whole.labels.push(...own);
      whole.choices.push(chosen);
      whole.changes = merged(whole.changes, changed, changes);
      whole.end = end;
    } else {
      became[at] = made.length;
      const above = parent < 0 ? -1 : became[parent]!;
      made.push({ parent: above, end, labels: own, choices: [chosen], changes: [...changed] });
    }
  }
  return {
    labels: labels.all,
    changes: changes.map(([what, words]) => [what, words === null ? null : cut(words)]),
    choices: choices.map((all) => all.flatMap(({ kind, choice }) => [kinds.indexOf(kind), choice])),
    nodes: made.map(
      (node): PageNode => [
        ...([node.parent, PAGE_ENDS.indexOf(node.end)] as const),
        ...([node.labels, node.choices, node.changes] as const),
      ],
    ),
    left,
  };
}

/** Only the last change of each thing counts. */
function merged(
  before: readonly number[],
  after: readonly number[],
  changes: readonly PageChange[],
): number[] {
  const changed = new Set(after.map((each) => changes[each]![0]));
  return [...before.filter((each) => !changed.has(changes[each]![0])), ...after];
}

/** Texts by number, each once. */
class Numbers {
  readonly all: string[] = [];
  readonly #known = new Map<string, number>();

  of(text: string): number {
    const known = this.#known.get(text) ?? this.all.push(text) - 1;
    this.#known.set(text, known);
    return known;
  }
}
