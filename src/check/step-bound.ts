import type { Stop } from '../run/deadline.ts';
import { executeOne } from '../run/execute.ts';
import { isByRealTime } from '../run/real-time.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';

/** How many of the last steps are examined: longer than any loop of practical interest. Chosen by hand. */
const LOOKED_AT_STEPS = 4_000;
/** In a livelock, each state occurs at least this often on average. Chosen by hand. */
const TIMES_EACH = 8;

/**
 * Decides whether a run that reached the step bound is a livelock or only slow. A state is what is visible from outside the programs:
 * files, running processes and owners, but not the time.
 *
 * @param stop stops early
 * @returns a description; `null` if stopped early, or interrupted by the real clock
 */
export async function classifyStepBound(
  scenario: Scenario,
  schedule: Schedule,
  stop?: Stop,
  hangTimeoutMs?: number,
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
  await executeOne(run, hangTimeoutMs, stop);
  if (stop?.aborted || isByRealTime(run.failure)) return null;
  const seen = `${states.size} ${states.size === 1 ? 'state' : 'states'} in the last ${steps} steps`;
  return states.size * TIMES_EACH <= steps
    ? `a livelock: it repeats ${seen}`
    : `it makes progress, slowly: ${seen}. A higher maxSteps would let it end`;
}

function stateOf({ machine, world }: Run): string {
  const processes = world.processes.map(({ name, state }) => [name, state]);
  const owners = world.currentClaims.map(({ process, token }) => [process.name, token]);
  return JSON.stringify([machine.fs.toJSON(), processes, owners, machine.listeners.all().length]);
}
