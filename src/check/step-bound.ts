import type { Stop } from '../run/deadline.ts';
import { executeOne } from '../run/execute.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';

/** Of the last steps of a run; enough to see a circle of any length that a person would call one. */
const LOOKED_AT_STEPS = 4_000;
/** A run that goes round comes to few states, each many times. */
const TIMES_EACH = 8;

/**
 * Of a run that was ended at its bound of steps: whether it goes round in circles, or gets on and is only slow. A state is
 * what can be seen from outside: the files, who runs, who says that it owns; not the time.
 *
 * @param stop ends it early
 * @returns a half sentence; null: it was ended early
 */
export async function classifyStepBound(
  scenario: Scenario,
  schedule: Schedule,
  stop?: Stop,
): Promise<string | null> {
  const from = Math.max(0, scenario.maxSteps - LOOKED_AT_STEPS);
  const states = new Set<string>();
  let steps = 0;
  const run: Run = new Run(scenario, new ReplayedChoices(schedule), {
    listener: {
      stepped: () => {
        if (run.machine.scheduler.steps < from) return;
        steps++;
        states.add(stateOf(run));
      },
    },
  });
  await executeOne(run, undefined, stop);
  if (stop?.aborted) return null;
  const seen = `in its last ${steps} steps it came to ${states.size} ${states.size === 1 ? 'state' : 'states'}`;
  return states.size * TIMES_EACH <= steps
    ? `a livelock: ${seen}, over and over`
    : `it gets on, slowly: ${seen}. A higher maxSteps would let it end`;
}

function stateOf({ machine, world }: Run): string {
  const processes = world.processes.map(({ name, state }) => [name, state]);
  const owners = world.currentClaims.map(({ process, token }) => [process.name, token]);
  return JSON.stringify([machine.fs.toJSON(), processes, owners, machine.listeners.length]);
}
