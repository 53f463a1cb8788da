/** A failing run, and how complicated it is. */
import type { Failure } from '../run/failure.ts';
import type { Schedule } from '../run/recorded-choices.ts';
import type { Run } from '../run/run.ts';
import type { ActionLog, Circumstances } from '../schedule/action-log.ts';

/** A failing run and its schedule. */
export interface Counterexample {
  readonly failure: Failure;
  readonly schedule: Schedule;
  readonly cost: Cost;
}

/** The size of a counterexample, compared in the order faults, contenders, switches, steps. */
export interface Cost {
  readonly faults: number;
  /** The number of processes that take part; each has a column in the timeline. */
  readonly contenders: number;
  /** The number of context switches. */
  readonly switches: number;
  readonly steps: number;
}

/** The smallest failing run so far. */
export interface Smallest extends Circumstances {
  readonly schedule: Schedule;
  readonly cost: Cost;
  readonly actions: ActionLog;
}

export function costOf({ machine, faults }: Run): Cost {
  return {
    faults,
    contenders: machine.acting,
    switches: machine.scheduler.switches,
    steps: machine.scheduler.steps,
  };
}

export function isLess(a: Cost, b: Cost): boolean {
  for (const key of ['faults', 'contenders', 'switches', 'steps'] as const) {
    if (a[key] !== b[key]) return a[key] < b[key];
  }
  return false;
}
