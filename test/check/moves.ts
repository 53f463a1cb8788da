/**
 * The moves under which a counterexample is minimal, written apart from the shrinker: any of them gives a run that is no smaller, or
 * that does not violate the same invariant.
 */
import { type Attempt, recordRun, runUntil } from '../../src/check/attempt.ts';
import { type Cost, type Counterexample, costOf, isLess } from '../../src/check/counterexample.ts';
import type { Stop } from '../../src/run/deadline.ts';
import { ReplayedChoices } from '../../src/run/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { type ActionLog, ActionReplayer } from '../../src/schedule/action-log.ts';
import type { Choices } from '../../src/sim/index.ts';

interface Move {
  readonly what: string;
  readonly actions: ActionLog;
}

/** A smaller counterexample, and the move that gives it. */
export interface Smaller {
  readonly what: string;
  readonly cost: Cost;
}

/** The smaller counterexample that a single move gives. `null` if there is none. */
export async function smallerByOneMove(
  scenario: Scenario,
  counterexample: Counterexample,
): Promise<Smaller | null> {
  return (await tryMoves(scenario, counterexample)).smaller;
}

/**
 * Tries all single moves until one gives a smaller counterexample.
 *
 * @param stop ends it early: fewer moves than there are were tried then
 */
export async function tryMoves(
  scenario: Scenario,
  { schedule, failure, cost }: Counterexample,
  stop?: Stop,
): Promise<{ readonly smaller: Smaller | null; readonly tried: number; readonly of: number }> {
  const attempt = await recordRun(scenario, new ReplayedChoices(schedule));
  const moves = [...movesOf(attempt.actions)];
  let what = '';
  let tried = 0;
  function* attempts(): Iterable<Choices> {
    for (const move of moves) {
      if (stop?.aborted) return;
      tried++;
      what = move.what;
      yield new ActionReplayer(move.actions, attempt);
    }
  }
  let smaller: Smaller | null = null;
  const accept = ({ run }: Attempt): boolean => {
    if (run.failure?.invariant !== failure.invariant || !run.idleIsSlow || !isLess(costOf(run), cost))
      return false;
    smaller = { what, cost: costOf(run) };
    return true;
  };
  await runUntil(scenario, attempts(), accept, (run) => !isLess(costOf(run), cost));
  return { smaller, tried, of: moves.length };
}

function* movesOf(actions: ActionLog): Iterable<Move> {
  for (const [at, { kind }] of actions.entries()) {
    if (kind === 'fault') {
      const rest = actions.toSpliced(at, 1);
      yield { what: `fault ${at} removed`, actions: rest };
      for (let to = 0; to <= rest.length; to++)
        yield { what: `fault ${at} moved to ${to}`, actions: rest.toSpliced(to, 0, actions[at]!) };
    }
  }
  const ranges = blocks(actions);
  for (const [i, { from, to, process }] of ranges.entries()) {
    const without = actions.toSpliced(from, to - from);
    yield { what: `block ${i} removed`, actions: without };
    if (process === null) continue;
    for (let first = from; first < to; first++) {
      for (const last of first === from ? range(first + 1, to) : [to]) {
        const part = actions.slice(first, last);
        const rest = actions.toSpliced(first, last - first);
        const own = blocks(rest).filter((other) => other.process === process);
        const isWhole = first === from && last === to;
        // A part of a block joins the block before it, or the one after it.
        const before = own.findLast((other) => other.to <= first);
        const after = own.find((other) => other.from >= first);
        const [ends, begins] = isWhole
          ? [own, own]
          : [first === from ? [before] : [], last === to ? [after] : []];
        for (const other of ends)
          if (other !== undefined)
            yield {
              what: `${first} to ${last} moved behind ${other.to}`,
              actions: rest.toSpliced(other.to, 0, ...part),
            };
        for (const other of begins)
          if (other !== undefined)
            yield {
              what: `${first} to ${last} moved before ${other.from}`,
              actions: rest.toSpliced(other.from, 0, ...part),
            };
      }
    }
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Where the consecutive actions of one process begin and end. */
function blocks(actions: ActionLog): { from: number; to: number; process: number | null }[] {
  const found: { from: number; to: number; process: number | null }[] = [];
  for (const [at, action] of actions.entries()) {
    const process = action.kind === 'step' ? action.process : null;
    const last = found.at(-1);
    if (last !== undefined && process !== null && last.process === process) last.to = at + 1;
    else found.push({ from: at, to: at + 1, process });
  }
  return found;
}
