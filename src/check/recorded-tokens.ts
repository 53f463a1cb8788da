/** Replays the tokens of earlier checks, before a search. */
import { isByRealTime } from '../run/real-time.ts';
import type { Scenario } from '../scenario/options.ts';
import { departureOf } from '../schedule/log-departure.ts';
import type { NamedLog } from '../schedule/named-log.ts';
import { decodeToken, TokenError } from '../schedule/token.ts';
import type { Limits } from './attempt.ts';
import { loggedRun } from './find-again.ts';
import { type Replay, replay } from './replay.ts';

export interface Recorded {
  readonly token: string;
  /** What it shows, as a sentence. */
  readonly why: string;
  /** What happened in its run when it was recorded, if known. */
  readonly log?: NamedLog | null | undefined;
}

/** What the recorded tokens of a scenario show. */
export interface RecordedReplays {
  /** The first that still violates something. */
  readonly first: Replay | null;
  /**
   * Why tokens were not replayed as they were recorded: they are damaged, belong to another definition of the scenario, or their runs
   * violate nothing and are not those that were recorded.
   */
  readonly skipped: readonly string[];
  /** Messages about tokens of a known bug that no longer violate anything. */
  readonly changed: readonly string[];
}

/** @param limits `stop` ends it between two tokens */
export async function replayRecorded(
  scenario: Scenario,
  recorded: readonly (string | Recorded)[],
  { stop, hangTimeoutMs }: Limits,
): Promise<RecordedReplays> {
  const skipped: string[] = [];
  const changed: string[] = [];
  let first: Replay | null = null;
  for (const entry of recorded) {
    if (stop?.aborted) break;
    const { token, why, log }: Recorded =
      typeof entry === 'string' ? { token: entry, why: 'an earlier check' } : entry;
    const again = await replayOf(scenario, token, hangTimeoutMs);
    if (typeof again === 'string') {
      skipped.push(again);
      continue;
    }
    if (again.verdict === 'inconclusive') {
      skipped.push(`${token} was not judged: ${again.reason}`);
      continue;
    }
    if (again.failure === null && scenario.expects === 'pass') {
      const departure = await runDepartureOf(again, log ?? null, hangTimeoutMs);
      if (departure !== null) skipped.push(`${token} violates nothing, and ${departure}`);
      else if (again.misfit !== null)
        skipped.push(`${token} no longer fits the programs of ${scenario.id}, and its run violates nothing`);
    }
    if (again.failure === null && scenario.expects === 'violation')
      changed.push(`${token} no longer violates anything: ${why}`);
    if (again.failure !== null) first ??= again;
    if (first !== null && scenario.expects === 'pass') break;
  }
  return { first, skipped, changed };
}

/**
 * Compares a replay with the log that was recorded with its token. The hash of a token is that of the scenario: the choices may fit
 * after a change of the programs, and mean something else.
 *
 * @returns a clause that says where they differ; `null` if the run follows the log to its end, or there is no log, or the run was
 *   interrupted by the real clock, which says nothing about the log
 */
export async function runDepartureOf(
  { scenario, token }: Pick<Replay, 'scenario' | 'token'>,
  log: NamedLog | null,
  hangTimeoutMs?: number,
): Promise<string | null> {
  if (log === null) return null;
  const again = await loggedRun(scenario, decodeToken(token).schedule, hangTimeoutMs);
  if (isByRealTime(again.failure)) return null;
  const departure = departureOf(log, again.log);
  return departure === null ? null : `the run no longer follows the recorded log ${departure}`;
}

/** @returns a message if the token does not belong to the current definition of this scenario */
async function replayOf(
  scenario: Scenario,
  token: string,
  hangTimeoutMs: number | undefined,
): Promise<Replay | string> {
  try {
    return await replay(token, (id) => (id === scenario.id ? scenario : undefined), hangTimeoutMs);
  } catch (error) {
    if (error instanceof TokenError) return error.message;
    throw error;
  }
}
