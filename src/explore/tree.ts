/** The tree of all schedules that a search tries, as far as there is room: for `explore --html`. */
import type { ChoiceKind } from '../sim/index.ts';
import type { MachineWords } from './machine-words.ts';

/** How a run has ended: `joins` a state in which a run before it has been. */
export type TreeEnd = 'passed' | 'violated' | 'joins';

/** One step of the schedules that were explored. */
export interface TreeNode {
  /** The index of the step before it; -1: the beginning. */
  readonly parent: number;
  /** What happens; `null` at the beginning. */
  readonly label: string | null;
  /** What changes on the machine, as indices of {@link ScheduleTree.changes}; at the beginning, all that is there. */
  readonly changed: readonly number[];
  /** The choices that were made for it, as an index of {@link ScheduleTree.choices}. */
  readonly chosen: number;
  /** Of the run that has ended with this step; `null`: it goes on. */
  end: TreeEnd | null;
}

/** A step of a search. */
export interface TreeStep {
  readonly label: string;
  readonly choices: readonly TreeChoice[];
  /** The machine after it. */
  readonly words: MachineWords;
}

export interface TreeChoice {
  readonly kind: ChoiceKind;
  readonly choice: number;
}

/** Something on the machine, and what it is from now on; `null`: gone. */
export type TreeChange = readonly [what: string, words: string | null];

/** A page with more is too slow to be of use. */
const MOST_NODES = 50_000;

/** All schedules that a search has tried, step by step. */
export class ScheduleTree {
  readonly nodes: TreeNode[] = [{ parent: -1, label: null, changed: [], chosen: 0, end: null }];
  /** What nodes refer to: each change and each sequence of choices is here once. */
  readonly changes: TreeChange[] = [];
  readonly choices: (readonly TreeChoice[])[] = [[]];
  /** The scenario within its bounds, for tokens; `null` before the first run. */
  scenario: { readonly id: string; readonly hash: string } | null = null;
  /** How many runs are left out for want of room. */
  left = 0;
  /** How many runs were made before the search had to begin again, and are not here. */
  abandoned = 0;
  #ended = 0;
  /** The node of each step of the run under way; -1: there was no room. */
  readonly #way: number[] = [];
  /** The machine at the beginning, and after each step of the run under way. */
  readonly #words: MachineWords[] = [];
  readonly #known = new Map<string, number>([['choices []', 0]]);

  /** A run begins. @param words the machine before its first step */
  begun(scenario: { readonly id: string; readonly hash: string }, words: MachineWords): void {
    // All steps are compared with the first beginning: choices before the first step may make another one.
    if (this.scenario !== null) return;
    this.scenario = { id: scenario.id, hash: scenario.hash };
    this.#words[0] = words;
    this.nodes[0] = { ...this.nodes[0]!, changed: this.#changes(new Map(), words) };
  }

  /** @param depth how many steps the run has made before this one */
  add(depth: number, step: () => TreeStep): void {
    this.#way.length = depth;
    const parent = depth === 0 ? 0 : this.#way[depth - 1]!;
    const isFull = parent < 0 || this.nodes.length >= MOST_NODES;
    this.#way.push(isFull ? -1 : this.nodes.length);
    if (isFull) return;
    const { label, choices, words } = step();
    const changed = this.#changes(this.#words[depth] ?? new Map(), words);
    const chosen = this.#numberOf('choices', choices, this.choices);
    this.#words.length = depth + 1;
    this.#words.push(words);
    this.nodes.push({ parent, label, changed, chosen, end: null });
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

  #changes(before: MachineWords, after: MachineWords): number[] {
    const changed: TreeChange[] = [];
    for (const [what, words] of after) if (before.get(what) !== words) changed.push([what, words]);
    for (const what of before.keys()) if (!after.has(what)) changed.push([what, null]);
    return changed.map((change) => this.#numberOf('change', change, this.changes));
  }

  #numberOf<T>(kind: string, value: T, all: T[]): number {
    const key = `${kind} ${JSON.stringify(value)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, all.length);
    return all.push(value) - 1;
  }
}
