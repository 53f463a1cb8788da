import type { Stop } from '../run/deadline.ts';
import { executeAll } from '../run/execute.ts';
import type { RunListener } from '../run/observer.ts';
import { RecordedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { type ActionLog, ActionRecorder, type Circumstances } from '../schedule/action-log.ts';
import { isGuide } from '../schedule/guide.ts';
import type { Choices } from '../sim/index.ts';

/** A run with its schedule and the log of its actions. */
export interface Attempt extends Circumstances {
  readonly run: Run;
  readonly schedule: Schedule;
  readonly actions: ActionLog;
}

/** When attempts end early. */
export interface Limits {
  /** Stops even in the middle of a run. */
  readonly stop?: Stop | undefined;
  /** Real time after which a program that does not yield is interrupted. Default: as `executeAll`. */
  readonly hangTimeoutMs?: number | undefined;
}

/**
 * Executes a run and records its actions.
 *
 * @param onStep called after each step, with the actions so far
 */
export async function recordRun(
  scenario: Scenario,
  choices: Choices,
  onStep: (run: Run, actions: ActionLog) => void = () => {},
  hangTimeoutMs?: number,
): Promise<Attempt> {
  let found: Attempt | null = null;
  const accept = (attempt: Attempt): boolean => {
    found = attempt;
    return true;
  };
  const look = (run: Run, actions: ActionLog): boolean => {
    onStep(run, actions);
    return false;
  };
  await runUntil(scenario, [choices], accept, look, { hangTimeoutMs });
  return found!;
}

/**
 * Executes runs until one is accepted, in few macrotasks, because a macrotask costs more than a short run.
 *
 * @param attempts the choices of each run. A guide follows the run while it is executed.
 * @param isPointless called after each step; if it returns true, the rest of the run is skipped
 */
export async function runUntil(
  scenario: Scenario,
  attempts: Iterable<Choices>,
  accept: (attempt: Attempt) => boolean,
  isPointless: (run: Run, actions: ActionLog) => boolean = () => false,
  { stop, hangTimeoutMs }: Limits = {},
): Promise<void> {
  const iterator = attempts[Symbol.iterator]();
  let recorder: ActionRecorder;
  let recorded: RecordedChoices;
  let accepted = false;
  const next = (): Run | null => {
    const attempt = accepted ? null : iterator.next();
    if (attempt === null || attempt.done === true) return null;
    recorder = new ActionRecorder(attempt.value);
    recorded = new RecordedChoices(recorder);
    const run: Run = new Run(scenario, recorded, {
      listener: listenerOf(recorder, attempt.value, () => {
        if (isPointless(run, recorder.actions)) run.abandon();
      }),
    });
    if (isGuide(attempt.value)) attempt.value.begins?.(run);
    return run;
  };
  const done = (run: Run): void => {
    const { actions, absent, optional, machine } = recorder;
    accepted = accept({ run, schedule: recorded.schedule, actions, absent, optional, machine });
  };
  await executeAll(next, done, hangTimeoutMs, stop);
}

function listenerOf(recorder: ActionRecorder, choices: Choices, onStep: () => void): RunListener {
  const guide = isGuide(choices) ? choices : null;
  return {
    stepped: (process) => {
      recorder.stepped(process);
      guide?.stepped?.(process);
      onStep();
    },
    advanced: (busy) => {
      recorder.advanced(busy);
      guide?.advanced?.(busy);
    },
    struck: (strike) => recorder.struck(strike),
  };
}
