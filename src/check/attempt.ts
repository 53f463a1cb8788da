import type { Stop } from '../run/deadline.ts';
import { executeAll } from '../run/execute.ts';
import type { RunListener } from '../run/observer.ts';
import { RecordedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import {
  type ActionLog,
  ActionRecorder,
  ActionReplayer,
  type Circumstances,
} from '../schedule/action-log.ts';
import type { Choices } from '../sim/index.ts';

/** A run, what it chose, and the story of it. */
export interface Attempt extends Circumstances {
  readonly run: Run;
  readonly schedule: Schedule;
  readonly story: ActionLog;
}

/**
 * Makes a run and writes its story down.
 *
 * @param onStep called after each step, with the story so far
 */
export async function recordRun(
  scenario: Scenario,
  choices: Choices,
  onStep: (run: Run, story: ActionLog) => void = () => {},
): Promise<Attempt> {
  let found: Attempt | null = null;
  const accept = (told: Attempt): boolean => {
    found = told;
    return true;
  };
  const look = (run: Run, story: ActionLog): boolean => {
    onStep(run, story);
    return false;
  };
  await runUntil(scenario, [choices], accept, look);
  return found!;
}

/**
 * Makes one run after the other, as long as none is accepted: in few macrotasks, which cost more than a short run.
 *
 * @param attempts the choices of each. Those of another story follow the run that they guide.
 * @param isPointless asked after each step: a run of which nothing more can be expected need not be made to its end
 * @param stop ends it early, also in the middle of a run
 */
export async function runUntil(
  scenario: Scenario,
  attempts: Iterable<Choices>,
  accept: (told: Attempt) => boolean,
  isPointless: (run: Run, story: ActionLog) => boolean = () => false,
  stop?: Stop,
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
        if (isPointless(run, recorder.story)) run.abandon();
      }),
    });
    return run;
  };
  const done = (run: Run): void => {
    const { story, absent, optional, machine } = recorder;
    accepted = accept({ run, schedule: recorded.schedule, story, absent, optional, machine });
  };
  await executeAll(next, done, undefined, stop);
}

function listenerOf(recorder: ActionRecorder, choices: Choices, onStep: () => void): RunListener {
  const guide = choices instanceof ActionReplayer ? choices : null;
  return {
    stepped: (process) => {
      recorder.stepped(process);
      guide?.stepped(process);
      onStep();
    },
    advanced: (busy) => {
      recorder.advanced(busy);
      guide?.advanced(busy);
    },
    struck: (strike) => recorder.struck(strike),
  };
}
