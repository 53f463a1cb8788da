/** The nodes of the tree of an exploration: which are open, and which pass the filter. */
import { PAGE_ENDS, type PageEnd, type PageTree } from '../src/report/page/data.ts';

/** About how many nodes are open initially. */
const OPEN_AT_FIRST = 60;

/** A node of the page with its texts. */
export interface OutlineNode {
  readonly parent: number;
  readonly end: PageEnd;
  readonly labels: readonly string[];
}

/** The open nodes of a tree, and the resulting visible nodes from top to bottom. */
export class Outline {
  readonly nodes: readonly OutlineNode[];
  readonly children: readonly (readonly number[])[];
  /** How many runs end in or below each node. */
  readonly runs: readonly number[];
  readonly levels: readonly number[];
  readonly #open = new Set<number>();
  #seen: number[] | null = null;
  /** Which nodes pass the filter; `null`: all. */
  #passing: Uint8Array | null = null;

  constructor(tree: Pick<PageTree, 'nodes' | 'labels'>) {
    const nodes = tree.nodes.map(
      ([parent, end, labels]): OutlineNode => ({
        ...{ parent, end: PAGE_ENDS[end] ?? null },
        labels: labels.map((label) => tree.labels[label]!),
      }),
    );
    this.nodes = nodes;
    const children: number[][] = nodes.map(() => []);
    const levels: number[] = [];
    for (const [at, { parent }] of nodes.entries()) {
      levels.push(parent < 0 ? 1 : levels[parent]! + 1);
      if (parent >= 0) children[parent]!.push(at);
    }
    const runs = nodes.map(({ end }) => (end === null ? 0 : 1));
    for (let at = nodes.length - 1; at > 0; at--) runs[nodes[at]!.parent]! += runs[at]!;
    this.children = children;
    this.levels = levels;
    this.runs = runs;
    this.#openFirst();
  }

  get seen(): readonly number[] {
    this.#seen ??= this.#walk();
    return this.#seen;
  }

  isOpen(at: number): boolean {
    return this.#open.has(at);
  }

  toggle(at: number, open = !this.#open.has(at)): void {
    if (open && this.children[at]!.length > 0) this.#open.add(at);
    else this.#open.delete(at);
    this.#seen = null;
  }

  /**
   * Shows only runs that end in this way and have a step with this text, with the nodes that lead to them.
   *
   * @param end `null`: any
   * @returns how many runs that are
   */
  filter(end: PageEnd, text: string): number {
    this.#seen = null;
    const { nodes, children } = this;
    const wanted = text.trim().toLowerCase();
    const passing = new Uint8Array(nodes.length);
    const named = new Uint8Array(nodes.length);
    for (const [at, { parent, labels }] of nodes.entries()) {
      const has = wanted === '' || labels.some((label) => label.toLowerCase().includes(wanted));
      named[at] = has || (parent >= 0 && named[parent] === 1) ? 1 : 0;
    }
    let runs = 0;
    for (let at = nodes.length - 1; at >= 0; at--) {
      const node = nodes[at]!;
      const isRun = node.end !== null && named[at] === 1 && (end === null || node.end === end);
      if (isRun) runs++;
      if (isRun || children[at]!.some((child) => passing[child] === 1)) passing[at] = 1;
    }
    // The beginning is always there.
    passing[0] = 1;
    this.#passing = end === null && wanted === '' ? null : passing;
    return runs;
  }

  passes(at: number): boolean {
    return this.#passing === null || this.#passing[at] === 1;
  }

  /** The nodes from the beginning to a node. */
  wayTo(at: number): number[] {
    const way: number[] = [];
    for (let node = at; node >= 0; node = this.nodes[node]!.parent) way.unshift(node);
    return way;
  }

  /** Opens all ancestors of a node. */
  reveal(at: number): void {
    for (let above = this.nodes[at]!.parent; above >= 0; above = this.nodes[above]!.parent)
      this.#open.add(above);
    this.#seen = null;
  }

  /** The first node at which a run ends in this way; -1 if there is none. */
  firstEnd(end: PageEnd): number {
    return this.nodes.findIndex((node) => node.end === end);
  }

  #openFirst(): void {
    let queue = [0];
    for (let shown = 1; queue.length > 0; ) {
      const next: number[] = [];
      for (const at of queue) {
        shown += this.children[at]!.length;
        if (shown > OPEN_AT_FIRST) return;
        this.toggle(at, true);
        next.push(...this.children[at]!);
      }
      queue = next;
    }
  }

  #walk(): number[] {
    const seen: number[] = [];
    const rest = [0];
    while (rest.length > 0) {
      const at = rest.pop()!;
      seen.push(at);
      if (this.#open.has(at))
        rest.push(...this.children[at]!.filter((child) => this.passes(child)).reverse());
    }
    return seen;
  }
}
