import type { Choices } from '../sim/index.ts';
import { type GuidedChoices, type Story, StoryTeller } from './choices/guided.ts';
import { RecordedChoices, type Schedule } from './choices/recorded.ts';
import { executeOne } from './execute.ts';
import { Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** A run, what it chose, and the story of it. */
export interface Told {
  readonly run: Run;
  readonly schedule: Schedule;
  readonly story: Story;
  readonly absent: readonly number[];
  readonly machine: readonly number[];
}

/**
 * Makes a run and writes its story down.
 *
 * @param guide the choices, when they are those of another story: it follows the run
 */
export async function tellStory(scenario: Scenario, choices: Choices, guide?: GuidedChoices): Promise<Told> {
  const teller = new StoryTeller(choices);
  const recorded = new RecordedChoices(teller);
  const run = new Run(scenario, recorded, {
    listener: {
      stepped: (process) => {
        teller.stepped(process);
        guide?.stepped(process);
      },
      advanced: (busy) => {
        teller.advanced(busy);
        guide?.advanced(busy);
      },
      struck: (strike) => teller.struck(strike),
    },
  });
  await executeOne(run);
  return {
    run,
    schedule: recorded.schedule,
    story: teller.story,
    absent: teller.absent,
    machine: teller.machine,
  };
}
