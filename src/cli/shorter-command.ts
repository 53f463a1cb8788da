/**
 * A violation of a command in less simulated time: the same schedule in a scenario that ends earlier, shrunk again. Whether it is one is
 * still judged by the whole time: the shorter run must violate the same when it goes on.
 */
import { type Cost, type Deadline, replaySchedule, shrinkFound, type Violation } from '../check/index.ts';
import type { KnownCommand } from '../project/commands.ts';
import { decodeToken, encodeToken } from '../schedule/index.ts';
import { commandScenario } from '../simulate/index.ts';

export interface Shorter {
  readonly command: KnownCommand;
  readonly token: string;
  readonly cost: Cost;
}

/** For how long faults strike, and for how long it settles. */
const TIMES = [
  { faultsForMs: 100, settleMs: 100 },
  { faultsForMs: 1_500, settleMs: 1_000 },
  { faultsForMs: 3_000, settleMs: 4_000 },
];
const SHRINK_MS = 1_500;

/**
 * @param until when the whole search ends; it ends between two runs
 * @returns `null` if it takes the whole time, or if none was found until then
 */
export async function shorterOf(
  command: KnownCommand,
  { token, invariant }: Pick<Violation, 'token' | 'invariant'>,
  until: Deadline,
): Promise<Shorter | null> {
  const whole = commandScenario(command);
  const { schedule } = decodeToken(token);
  const { id: _, ...options } = command;
  for (const times of TIMES) {
    if (until.aborted) return null;
    const scenario = commandScenario({ ...options, ...times });
    const { failure } = await replaySchedule(scenario, schedule);
    if (failure?.invariant !== invariant) continue;
    const stop = until.until(Math.min(until.endsAtMs, performance.now() + SHRINK_MS));
    const smaller = await shrinkFound(scenario, schedule, failure, { stop });
    if (smaller === null) continue;
    const again = await replaySchedule(whole, smaller.schedule);
    if (again.failure?.invariant !== invariant) continue;
    return {
      command: { ...options, ...times, id: scenario.id },
      token: encodeToken(scenario, smaller.schedule),
      cost: smaller.cost,
    };
  }
  return null;
}
