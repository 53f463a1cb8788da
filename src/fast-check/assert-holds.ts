/** Runs a schedule in a property, and says what it violates. */
import { replaySchedule } from '../check/index.ts';
import { failureText } from '../report/failure.ts';
import { evidenceOf, replayCommand } from '../report/index.ts';
import {
  executeOne,
  isByRealTime,
  RecordedChoices,
  ReplayedChoices,
  Run,
  type Schedule,
} from '../run/index.ts';
import { checkOptions, checkScenario, type Scenario, TEXT } from '../scenario/index.ts';

/** A schedule violates an invariant of its scenario. The message has the timeline of the run and its token. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
  /** The name of the invariant. */
  readonly invariant: string;
  /** Replays the run: `replay(token, () => scenario)`. */
  readonly token: string;

  constructor(message: string, { invariant, token }: { invariant: string; token: string }) {
    super(message);
    this.invariant = invariant;
    this.token = token;
  }
}

/** What the message of a {@link ScheduleError} can say. */
export interface AssertOptions {
  /** The file that exports the scenario, for the replay command: relative to the working directory. Default: the message has the token only. */
  from?: string;
}

/**
 * Runs a schedule, and rejects if the run violates an invariant of the scenario. For a property:
 * `fc.asyncProperty(scheduleArbitrary(lock), (schedule) => assertHolds(lock, schedule))`.
 *
 * @throws ScheduleError
 * @throws TypeError if it is not given a scenario
 */
export async function assertHolds(
  scenario: Scenario,
  schedule: Schedule,
  options: AssertOptions = {},
): Promise<void> {
  checkScenario('assertHolds', scenario);
  checkOptions('assertHolds', options, { from: TEXT });
  // A generated choice may not be available in the run: the token has those that were made.
  const made = new RecordedChoices(new ReplayedChoices(schedule));
  const first = await executeOne(new Run(scenario, made));
  if (first === null) return;
  const replay = await replaySchedule(scenario, made.schedule);
  // Interrupted once, perhaps because the machine was busy, and then twice not.
  if (isByRealTime(first) && replay.verdict === 'passed') return;
  const { token, failure, verdict, cost } = replay;
  const { from } = options;
  const message = failureText({
    ...{ id: scenario.id, expects: 'pass', verdict, reason: replay.reason, recorded: null },
    ...{ cost, evidence: evidenceOf(replay, null), found: 'found by fast-check' },
    again: from === undefined ? `replay('${token}', () => scenario)` : replayCommand(token, from),
  });
  throw new ScheduleError(message, { invariant: failure?.invariant ?? verdict, token });
}
