import type { Stop } from '../run/deadline.ts';
import { executeAll } from '../run/execute.ts';
import type { RunListener } from '../run/observer.ts';
import { RecordedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { type Circumstances, GuidedChoices, type Story, StoryTeller } from '../schedule/action-log.ts';
import type { Choices } from '../sim/index.ts';

/** A run, what it chose, and the story of it. */
export interface Told extends Circumstances {
  readonly run: Run;
  readonly schedule: Schedule;
  readonly story: Story;
}

/**
 * Makes a run and writes its story down.
 *
 * @param onStep called after each step, with the story so far
 */
export async function tellStory(
  scenario: Scenario,
  choices: Choices,
  onStep: (run: Run, story: Story) => void = () => {},
): Promise<Told> {
  let found: Told | null = null;
  const accept = (told: Told): boolean => {
    found = told;
    return true;
  };
  const look = (run: Run, story: Story): boolean => {
    onStep(run, story);
    return false;
  };
  await tellUntil(scenario, [choices], accept, look);
  return found!;
}

/**
 * Makes one run after the other, as long as none is accepted: in few macrotasks, which cost more than a short run.
 *
 * @param attempts the choices of each. Those of another story follow the run that they guide.
 * @param isPointless asked after each step: a run of which nothing more can be expected need not be made to its end
 * @param stop ends it early, also in the middle of a run
 */
export async function tellUntil(
  scenario: Scenario,
  attempts: Iterable<Choices>,
  accept: (told: Told) => boolean,
  isPointless: (run: Run, story: Story) => boolean = () => false,
  stop?: Stop,
): Promise<void> {
  const iterator = attempts[Symbol.iterator]();
  let teller: StoryTeller;
  let recorded: RecordedChoices;
  let accepted = false;
  const next = (): Run | null => {
    const attempt = accepted ? null : iterator.next();
    if (attempt === null || attempt.done === true) return null;
    teller = new StoryTeller(attempt.value);
    recorded = new RecordedChoices(teller);
    const run: Run = new Run(scenario, recorded, {
      listener: listenerOf(teller, attempt.value, () => {
        if (isPointless(run, teller.story)) run.abandon();
      }),
    });
    return run;
  };
  const done = (run: Run): void => {
    const { story, absent, optional, machine } = teller;
    accepted = accept({ run, schedule: recorded.schedule, story, absent, optional, machine });
  };
  await executeAll(next, done, undefined, stop);
}

function listenerOf(teller: StoryTeller, choices: Choices, onStep: () => void): RunListener {
  const guide = choices instanceof GuidedChoices ? choices : null;
  return {
    stepped: (process) => {
      teller.stepped(process);
      guide?.stepped(process);
      onStep();
    },
    advanced: (busy) => {
      teller.advanced(busy);
      guide?.advanced(busy);
    },
    struck: (strike) => teller.struck(strike),
  };
}
