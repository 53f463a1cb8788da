/**
 * Compares a run with the log of an earlier one. For example, if the program reads a directory first since then:
 *
 *   the log      worker#1 begin, worker#1 open /state/lock
 *   the run      worker#1 begin, worker#1 readdir /state      it departs at step 2
 */
import type { NamedAction, NamedLog } from './named-log.ts';

/**
 * Says where a run first differs from a recorded log. A run that goes on after the end of the log still follows it: the log of a
 * violation ends with the violation.
 *
 * @returns the rest of a sentence, such as `from step 2 on: the log has …, the run has …`; `null` if the run follows the log to its
 *   end. Unescaped
 */
export function departureOf(recorded: NamedLog, run: NamedLog): string | null {
  return startsDeparture(recorded, run) ?? actionsDeparture(recorded, run) ?? machineDeparture(recorded, run);
}

function startsDeparture(recorded: NamedLog, run: NamedLog): string | null {
  for (const [kind, what] of [
    ['idle', 'is never scheduled'],
    ['leftOut', 'is left out'],
  ] as const) {
    const logged = recorded[kind].find((name) => !run[kind].includes(name));
    if (logged !== undefined) return `from step 1 on: only in the log, ${logged} ${what}`;
    const actual = run[kind].find((name) => !recorded[kind].includes(name));
    if (actual !== undefined) return `from step 1 on: only in the run, ${actual} ${what}`;
  }
  return null;
}

function actionsDeparture(recorded: NamedLog, run: NamedLog): string | null {
  let step = 1;
  for (const [at, action] of recorded.actions.entries()) {
    const logged = textOf(action);
    const actual = at < run.actions.length ? textOf(run.actions[at]!) : null;
    if (actual !== logged)
      return `from step ${step} on: the log has "${logged}", the run ${actual === null ? 'ends' : `has "${actual}"`}`;
    if (action.kind === 'step') step++;
  }
  return null;
}

/** A choice of the machine is no action: the processes may have got other results from the same operations. */
function machineDeparture(recorded: NamedLog, run: NamedLog): string | null {
  const at = recorded.machine.findIndex((choice, i) => run.machine[i] !== choice);
  if (at < 0) return null;
  const [logged, actual] = [recorded.machine[at], run.machine[at] ?? 'none'];
  return `in choice ${at + 1} of the machine, such as the order of directory entries: the log has ${logged}, the run has ${actual}`;
}

function textOf(action: NamedAction): string {
  if (action.kind === 'step') return `${action.process} ${action.operation}`;
  if (action.kind === 'time') return action.busy ? 'time passes although a process could run' : 'time passes';
  return ['the fault', action.fault, ...action.targets].join(' ');
}
