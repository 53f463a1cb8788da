/** What the processes of a run wait for at its end: the reason why something that should come true in the end has not. */
import type { Operation } from '../ports/index.ts';
import { executeOne } from '../run/execute.ts';
import { isByRealTime } from '../run/real-time.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import type { Choices, SimProcess } from '../sim/index.ts';

/** A process and an operation that has not ended. Plain data. */
export interface Wait {
  readonly process: string;
  readonly operation: Operation;
  /** Milliseconds since the run began: when it asked for the operation. */
  readonly sinceMs: number;
  /** It is stopped, so it does not go on either way. */
  readonly isStopped: boolean;
}

/**
 * Executes a schedule, and returns what the processes that are alive at its end wait for, in the order in which they began to. Nothing if
 * the run was interrupted by the real clock, before its end.
 */
export async function waitsOf(
  scenario: Scenario,
  schedule: Schedule,
  hangTimeoutMs?: number,
): Promise<readonly Wait[]> {
  const run = new WaitingRun(scenario, new ReplayedChoices(schedule));
  const failure = await executeOne(run, hangTimeoutMs);
  return isByRealTime(failure) ? [] : run.waits();
}

class WaitingRun extends Run {
  readonly #pending = new Map<Operation, { readonly process: SimProcess; readonly sinceMs: number }>();

  constructor(scenario: Scenario, choices: Choices) {
    super(scenario, choices);
    const { machine } = this;
    const execute = machine.execute.bind(machine);
    machine.execute = (process, operation, resolve, reject) => {
      this.#pending.set(operation, { process, sinceMs: machine.nowUs / 1000 });
      const over = <T>(settle: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          this.#pending.delete(operation);
          settle(value);
        };
      };
      const pending = execute(process, operation, over(resolve), over(reject));
      return {
        cancel: () => {
          this.#pending.delete(operation);
          pending.cancel();
        },
      };
    };
  }

  waits(): readonly Wait[] {
    return [...this.#pending]
      .filter(([, { process }]) => process.alive && process.acts)
      .map(([operation, { process, sinceMs }]) => {
        return { process: process.name, operation, sinceMs, isStopped: process.state === 'stopped' };
      });
  }
}
