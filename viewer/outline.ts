import type { PageNode, PageTree } from '../src/report/page/data.ts';

/** About how many nodes are open initially. */
const OPEN_AT_FIRST = 60;

/** The open nodes of a tree, and the resulting visible nodes from top to bottom. */
export class Outline {
  readonly nodes: readonly PageNode[];
  readonly children: readonly (readonly number[])[];
  /** How many runs end in or below each node. */
  readonly runs: readonly number[];
  readonly levels: readonly number[];
  readonly #open = new Set<number>();
  #seen: number[] | null = null;

  constructor({ nodes }: PageTree) {
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

  /** Opens all ancestors of a node. */
  reveal(at: number): void {
    for (let above = this.nodes[at]!.parent; above >= 0; above = this.nodes[above]!.parent)
      this.#open.add(above);
    this.#seen = null;
  }

  /** The first node at which a run ends in this way; -1 if there is none. */
  firstEnd(end: PageNode['end']): number {
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
      if (this.#open.has(at)) rest.push(...[...this.children[at]!].reverse());
    }
    return seen;
  }
}
