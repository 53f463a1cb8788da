import { isByRealTime, loggedRun, replaySchedule, signatureOf, type Violation } from '../check/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { decodeToken } from '../schedule/index.ts';
import type { RecordedToken } from './recorded-token.ts';

/**
 * A violation as it is recorded, with the log of its actions and its signature. Repeats its run.
 */
export async function recordedTokenOf(
  scenario: Scenario,
  { token, invariant }: Pick<Violation, 'token' | 'invariant'>,
): Promise<RecordedToken> {
  const { schedule } = decodeToken(token);
  const { log, failure } = await loggedRun(scenario, schedule);
  const replay = await replaySchedule(scenario, schedule);
  const isShown = replay.failure?.invariant === invariant;
  const signature = isShown ? await signatureOf(replay, log) : null;
  // A log that ends where the real clock has interrupted a run is not that of the violation.
  const isWhole = !isByRealTime(failure) || isByRealTime({ invariant });
  return { token, scenario: scenario.id, invariant, log: isWhole ? log : null, signature };
}
