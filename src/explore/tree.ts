/** The tree of all schedules that a search tries, as far as there is room: for `explore --html`. */

/** How a run has ended: `joins` a state in which a run before it has been. */
export type TreeEnd = 'passed' | 'violated' | 'joins';

/** One step of the schedules that were explored. */
export interface TreeNode {
  /** The index of the step before it; -1: the beginning. */
  readonly parent: number;
  /** What happens; `null` at the beginning. */
  readonly label: string | null;
  /** Of the run that has ended with this step; `null`: it goes on. */
  end: TreeEnd | null;
}

/** A page with more is too slow to be of use. */
const MOST_NODES = 50_000;

/** All schedules that a search has tried, step by step. */
export class ScheduleTree {
  readonly nodes: TreeNode[] = [{ parent: -1, label: null, end: null }];
  /** How many runs are left out for want of room. */
  left = 0;
  /** How many runs were made before the search had to begin again, and are not here. */
  abandoned = 0;
  #ended = 0;
  /** The node of each step of the run under way; -1: there was no room. */
  readonly #way: number[] = [];

  /** @param depth how many steps the run has made before this one */
  add(depth: number, label: () => string): void {
    this.#way.length = depth;
    const parent = depth === 0 ? 0 : this.#way[depth - 1]!;
    const isFull = parent < 0 || this.nodes.length >= MOST_NODES;
    this.#way.push(isFull ? -1 : this.nodes.length);
    if (!isFull) this.nodes.push({ parent, label: label(), end: null });
  }

  ended(end: TreeEnd): void {
    this.#ended++;
    const at = this.#way.at(-1) ?? 0;
    if (at < 0) this.left++;
    else this.nodes[at]!.end = end;
  }

  /** The search begins again. */
  clear(): void {
    this.abandoned += this.#ended;
    this.#ended = 0;
    this.nodes.length = 1;
    this.nodes[0]!.end = null;
    this.#way.length = 0;
    this.left = 0;
  }
}
