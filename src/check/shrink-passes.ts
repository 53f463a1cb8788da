/** The passes of shrinking: each yields the choices of runs that may be smaller. */
import { BUILT_IN } from '../run/failure.ts';
import type { Scenario } from '../scenario/options.ts';
import { ActionReplayer, type Circumstances } from '../schedule/action-log.ts';
import type { Estimates } from '../schedule/strategies/strategy.ts';
import { DEFAULT_STRATEGY } from '../schedule/strategies.ts';
import type { ChoiceKind, Choices, EnabledSet } from '../sim/index.ts';
import type { Smallest } from './counterexample.ts';
import { dropMoments, dropSwitches, moveBlocks, moveFaults, shiftSwitches } from './shrink-moves.ts';

/** Yields attempts at smaller runs, the most promising first. */
export type Pass = (smallest: Smallest) => Iterable<Choices>;

/** How many runs are searched for each process that might be left out. Chosen by hand. */
const RUNS_ANEW = 50;

/** How many runs are searched for one with fewer faults or switches. Chosen by hand. */
const RUNS_FOR_FEWER = 300;

/** The passes for one counterexample, in the order in which they are tried. One of them remembers where it has searched. */
export function passesFor(
  scenario: Scenario,
  invariant: string,
  estimates: Estimates | null,
): readonly Pass[] {
  const mayBeAbsent = isSafety(scenario, invariant);
  /** What has already been searched for new runs. */
  const searched = new Set<string>();
  return [
    cutTail,
    dropFaults,
    (smallest) => dropProcesses(smallest, mayBeAbsent),
    (smallest) => searchWithout(smallest, mayBeAbsent, searched, estimates),
    dropSwitches,
    moveFaults,
    moveBlocks,
    shiftSwitches,
    dropMoments,
    dropMachine,
    (smallest) => searchFewer(smallest, searched, estimates),
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
 * Searches new runs with the same processes: a violation that came about in another way may need fewer faults or switches. A run ends
 * as soon as it is no smaller, which is soon.
 */
function* searchFewer(
  smallest: Smallest,
  searched: Set<string>,
  estimates: Estimates | null,
): Iterable<Choices> {
  const { faults, switches } = smallest.cost;
  const key = `fewer ${faults} ${switches} ${smallest.absent.join()} ${smallest.optional.join()}`;
  if (searched.has(key)) return;
  searched.add(key);
  const choices = smallest.schedule.schedule.length;
  for (let seed = 0; seed < RUNS_FOR_FEWER; seed++)
    yield new WithStarts(DEFAULT_STRATEGY.choices(seed, { ...estimates, choices }), smallest);
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
