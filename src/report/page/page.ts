import { type Replay, replaySchedule, withSourceLines } from '../../check/index.ts';
import { record, traceHash } from '../../run/index.ts';
import { decodeToken } from '../../schedule/index.ts';
import { breakCommand, type Evidence, evidenceOf, replayCommand } from '../report.ts';
import type { PageData, PageTrace } from './data.ts';
import { pageTrace, withPairOf } from './trace.ts';

/** Options of the command to replay besides the token. */
export interface HowToReplay {
  /** The file that exports the scenario; `null` if it is not needed. */
  readonly from: string | null;
  /** The guard of the built-in protocol that was removed. */
  readonly mutant: string | null;
  /** The text of a file that the places of events name; `null` if it cannot be read. Default: no file can. */
  readonly readSource?: (file: string) => string | null;
  /** The command that replays the run, if it is another one. */
  readonly command?: string;
}

/**
 * A replay for the viewer: the run and, if known, the passing run in which the critical events are swapped. Executes both
 * again to take a snapshot after each step.
 *
 * @param version of one-survivor
 */
export async function pageData(
  again: Replay,
  evidence: Evidence,
  how: HowToReplay,
  version: string,
): Promise<PageData> {
  const asked = await traceOf(again, evidence, how);
  if (evidence.critical === null) return { version, traces: [asked] };
  const { schedule } = decodeToken(evidence.critical.passing);
  const passing = await withSourceLines(await replaySchedule(again.scenario, schedule));
  const { command: _, ...own } = how;
  const beside = await traceOf(passing, evidenceOf(passing, null), own);
  return { version, traces: [asked, withPairOf(asked, beside)] };
}

async function traceOf(
  { scenario, token }: Replay,
  evidence: Evidence,
  { from, mutant, command, readSource = () => null }: HowToReplay,
): Promise<PageTrace> {
  const parts = {
    command: command ?? replayCommand(token, from, mutant),
    breakCommand: breakCommand(token, from, mutant),
    readSource,
  };
  const recording = await record(scenario, decodeToken(token).schedule);
  if (traceHash(recording.events) === evidence.traceHash) return pageTrace(evidence, recording, parts);
  const note = 'this run differs from the one before it: the programs are not deterministic';
  return pageTrace({ ...evidence, notes: [...evidence.notes, note] }, recording, parts);
}
