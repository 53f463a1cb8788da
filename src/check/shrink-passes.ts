/** The passes of shrinking: each yields the choices of runs that may be smaller. */
import { BUILT_IN } from '../run/failure.ts';
import type { Schedule } from '../run/recorded-choices.ts';
import type { Scenario } from '../scenario/options.ts';
import { type Action, type ActionLog, ActionReplayer, type Circumstances } from '../schedule/action-log.ts';
import type { Estimates } from '../schedule/strategies/strategy.ts';
import { DEFAULT_STRATEGY } from '../schedule/strategies.ts';
import type { ChoiceKind, Choices, EnabledSet } from '../sim/index.ts';

/** The smallest failing run so far. */
export interface Smallest extends Circumstances {
  readonly schedule: Schedule;
  readonly actions: ActionLog;
}

/** Yields attempts at smaller runs, the most promising first. */
export type Pass = (smallest: Smallest) => Iterable<Choices>;

/** How many runs are searched for each process that might be left out. Chosen by hand. */
const RUNS_ANEW = 50;

/** How many blocks {@link dropMoments} removes at once: single blocks gave the same results with fewer steps (decision 28). */
const MOMENTS_AT_ONCE = 1;

/** The passes for one counterexample, in the order in which they are tried. One of them remembers where it has searched. */
export function passesFor(
  scenario: Scenario,
  invariant: string,
  estimates: Estimates | null,
): readonly Pass[] {
  const mayBeAbsent = isSafety(scenario, invariant);
  /** The sets of processes without which {@link searchWithout} has already searched. */
  const searched = new Set<string>();
  return [
    cutTail,
    dropFaults,
    (smallest) => dropProcesses(smallest, mayBeAbsent),
    (smallest) => searchWithout(smallest, mayBeAbsent, searched, estimates),
    dropSwitches,
    dropMachine,
    dropMoments,
  ];
}

/** Truncates the log; default choices follow. */
function* cutTail(smallest: Smallest): Iterable<Choices> {
  const { actions } = smallest;
  for (let keep = 0; keep < actions.length; keep = keep === 0 ? 1 : keep * 2) {
    yield new ActionReplayer(actions.slice(0, keep), smallest);
  }
}

function* dropFaults(smallest: Smallest): Iterable<Choices> {
  const { actions } = smallest;
  for (const [at, { kind }] of actions.entries()) {
    if (kind === 'fault') yield new ActionReplayer(actions.toSpliced(at, 1), smallest);
  }
}

/** Removes a process with all its actions. */
function* dropProcesses(smallest: Smallest, mayBeAbsent: boolean): Iterable<Choices> {
  for (const without of withoutOneMore(smallest, mayBeAbsent))
    yield new ActionReplayer(smallest.actions, without);
}

/**
 * Without a process, another one may have to take its role, which cannot be achieved by removing actions. So this searches
 * a few new runs for the same failure.
 */
function* searchWithout(
  smallest: Smallest,
  mayBeAbsent: boolean,
  searched: Set<string>,
  estimates: Estimates | null,
): Iterable<Choices> {
  const choices = smallest.schedule.schedule.length;
  for (const without of withoutOneMore(smallest, mayBeAbsent)) {
    const key = `${without.absent.join()} ${without.optional.join()}`;
    if (searched.has(key)) continue;
    searched.add(key);
    for (let seed = 0; seed < RUNS_ANEW; seed++) {
      yield new WithStarts(DEFAULT_STRATEGY.choices(seed, { ...estimates, choices }), without);
    }
  }
}

/**
 * The processes of the smallest run with one more left out, the last first. A required process is left out only if
 * that cannot cause the violation: see {@link isSafety}.
 */
function* withoutOneMore(
  { absent, optional, machine }: Smallest,
  mayBeAbsent: boolean,
): Iterable<Circumstances> {
  const left = { absent, optional, machine };
  for (let at = optional.length - 1; at >= 0; at--) {
    if (optional[at] === 0) yield { ...left, optional: optional.with(at, 1) };
  }
  if (!mayBeAbsent) return;
  for (let at = absent.length - 1; at >= 0; at--) {
    if (absent[at] === 0) yield { ...left, absent: absent.with(at, 1) };
  }
}

/** Removes blocks of consecutive actions of a process with the time after them, or moves them behind the previous block of the process. */
function dropSwitches(smallest: Smallest): Iterable<Choices> {
  const blocks = blocksOf(smallest.actions, true);
  return dropBlocks(smallest, blocks, blocks.length);
}

/** The same, but keeps the passing of time. With many timers this needs many attempts for little gain. */
function dropMoments(smallest: Smallest): Iterable<Choices> {
  return dropBlocks(smallest, blocksOf(smallest.actions, false), MOMENTS_AT_ONCE);
}

function* dropBlocks(smallest: Smallest, blocks: readonly ActionLog[], most: number): Iterable<Choices> {
  for (let size = most; size >= 1; size = Math.floor(size / 2)) {
    for (let at = blocks.length - size; at >= 0; at--) {
      yield new ActionReplayer(blocks.toSpliced(at, size).flat(), smallest);
      if (size > 1) continue;
      const moved = movedBack(blocks, at);
      if (moved !== null) yield new ActionReplayer(moved, smallest);
    }
  }
}

/** The log with a block moved behind the previous block of its process. `null` if there is none, or it is already there. */
function movedBack(blocks: readonly ActionLog[], at: number): ActionLog | null {
  const block = blocks[at]!;
  const owner = ownerOf(block);
  const to = blocks.slice(0, Math.max(0, at - 1)).findLastIndex((other) => ownerOf(other) === owner);
  if (to < 0) return null;
  return blocks
    .toSpliced(at, 1)
    .toSpliced(to + 1, 0, block)
    .flat();
}

function* dropMachine(smallest: Smallest): Iterable<Choices> {
  const { actions, machine } = smallest;
  if (machine.some((choice) => choice !== 0)) yield new ActionReplayer(actions, { ...smallest, machine: [] });
}

/** The choices of another source, except for which processes are left out. */
class WithStarts implements Choices {
  readonly #source: Choices;
  readonly #starts: Circumstances;
  readonly #at = { absent: 0, optional: 0 };

  constructor(source: Choices, starts: Circumstances) {
    this.#source = source;
    this.#starts = starts;
  }

  choose(n: number, kind: ChoiceKind, enabled?: EnabledSet): number {
    if (kind === 'absent' || kind === 'optional') return this.#starts[kind][this.#at[kind]++] ?? 0;
    return this.#source.choose(n, kind, enabled);
  }
}

/** Built-in invariants that are violated at a single step, which no other process could prevent by running later. */
const SAFE: readonly string[] = [
  BUILT_IN.crash,
  BUILT_IN.deadlock,
  BUILT_IN['shared-memory'],
  BUILT_IN.ambient,
];

/**
 * Whether a violation remains valid if a process is never scheduled. For safety it does, because that process is merely
 * slow. Liveness may depend on that very process.
 */
function isSafety({ invariants }: Scenario, name: string): boolean {
  const invariant = invariants.find((candidate) => candidate.name === name);
  return invariant === undefined ? SAFE.includes(name) : invariant.kind === 'always';
}

/** Splits a log into blocks of consecutive actions of one process, with or without the time that passes after them. A fault is a block. */
function blocksOf(actions: ActionLog, withTime: boolean): Action[][] {
  const blocks: Action[][] = [];
  for (const action of actions) {
    const last = blocks.at(-1);
    if (last !== undefined && belongsTo(last, action, withTime)) last.push(action);
    else blocks.push([action]);
  }
  return blocks;
}

function belongsTo(block: ActionLog, action: Action, withTime: boolean): boolean {
  if (action.kind === 'advance') return withTime && !action.busy;
  return ownerOf(block) !== null && ownerOf(block) === ownerOf([action]);
}

function ownerOf([first]: readonly Action[]): number | null {
  return first?.kind === 'step' ? first.process : null;
}
