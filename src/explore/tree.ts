import type { ChoiceKind, EnabledSet } from '../sim/index.ts';
import type { ExploredRun } from './explored-run.ts';

/** How a run has ended: `joins` a state in which a run before it has been. */
export type TreeEnd = 'passed' | 'violated' | 'joins';

/** A decision of the schedules that were explored, with what was decided. */
export interface TreeNode {
  /** The index of the decision before it; -1: the beginning. */
  readonly parent: number;
  /** What happens next; null: the dull choice, such as that no fault strikes. */
  readonly label: string | null;
  /** Of the run that has ended with this decision; null: it goes on. */
  end: TreeEnd | null;
}

/** More would be no picture any more. */
const MOST_NODES = 50_000;

/** The tree of all schedules that an exploration makes, as far as there is room. */
export class ScheduleTree {
  readonly nodes: TreeNode[] = [{ parent: -1, label: null, end: null }];
  /** Of how many runs the end is left out. */
  left = 0;
  /** How many runs were made on an assumption that turned out to be wrong, and are not here. */
  abandoned = 0;
  #ended = 0;
  /** Of the run under way, the node of each decision; -1: there was no room. */
  readonly #way: number[] = [];
  readonly #options: number[] = [];

  /** @param depth how many decisions the run has made before this one */
  decided(depth: number, option: number, label: () => string | null): void {
    if (depth < this.#way.length && this.#options[depth] === option) return;
    this.#way.length = depth;
    this.#options.length = depth;
    const parent = depth === 0 ? 0 : this.#way[depth - 1]!;
    const full = parent < 0 || this.nodes.length >= MOST_NODES;
    this.#way.push(full ? -1 : this.nodes.length);
    this.#options.push(option);
    if (!full) this.nodes.push({ parent, label: label(), end: null });
  }

  ended(end: TreeEnd): void {
    this.#ended++;
    const at = this.#way.at(-1) ?? 0;
    if (at < 0) this.left++;
    else this.nodes[at]!.end = end;
  }

  /** The run under way has contradicted an assumption: the exploration begins anew. */
  clear(): void {
    this.abandoned += this.#ended + 1;
    this.#ended = 0;
    this.nodes.length = 1;
    this.#way.length = 0;
    this.#options.length = 0;
    this.left = 0;
  }
}

/** A choice in words. Null: the dull one. */
export function wordsOf(
  run: ExploredRun,
  concern: ChoiceKind,
  choice: number,
  candidates: EnabledSet | undefined,
): string | null {
  const { machine } = run;
  if (concern === 'schedule' || concern === 'settle') {
    const { process, operation } = machine.scheduler.candidate(choice);
    const { op, ...args } = operation as { op: string; path?: unknown; to?: unknown; name?: unknown };
    const about = args.path ?? args.to ?? args.name;
    return `${process.name} ${op}${typeof about === 'string' ? ` ${about}` : ''}`;
  }
  if (concern === 'target') {
    const whom = candidates?.processOf(choice);
    return machine.table.all().find(({ index }) => index === whom)?.name ?? `its choice ${choice + 1}`;
  }
  if (choice === 0) return null;
  if (concern === 'fault') return `↯ ${run.faultNames[choice - 1] ?? 'a fault'}`;
  return concern === 'time' ? 'time passes' : `the machine's choice ${choice + 1}`;
}
