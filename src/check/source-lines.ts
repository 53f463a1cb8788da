/** The events of a replay with the lines of the programs that asked for them. One more run, several times slower than a plain one. */
import { isByRealTime } from '../run/real-time.ts';
import { decodeToken } from '../schedule/token.ts';
import { placedEvents } from './located-run.ts';
import type { Replay } from './replay.ts';

/** The same replay, whose events name file, line and column of the call, as the author of the program wrote it. */
export async function withSourceLines(again: Replay): Promise<Replay> {
  const { scenario, token, events, failure } = again;
  // The run would wait for the timeout once more.
  if (failure !== null && isByRealTime(failure)) return again;
  return { ...again, events: await placedEvents(scenario, decodeToken(token).schedule, events) };
}

/** The same for several replays, one after the other. */
export async function withSourceLinesOfAll(replays: readonly Replay[]): Promise<Replay[]> {
  const placed: Replay[] = [];
  for (const again of replays) placed.push(await withSourceLines(again));
  return placed;
}
