import { type Replay, replaySchedule } from '../../check/index.ts';
import { record, traceHash } from '../../run/index.ts';
import { decodeToken } from '../../schedule/index.ts';
import { type Evidence, evidenceOf, replayCommand } from '../report.ts';
import type { PageData, PageTrace } from './data.ts';
import { pageTrace, withPairOf } from './trace.ts';

/** What a command line says besides the token. */
export interface HowToReplay {
  /** The file that exports the scenario; null: known without. */
  readonly from: string | null;
  /** The guard of our own protocol that it runs without. */
  readonly mutant: string | null;
}

/**
 * A replay for the viewer: the run, and beside it, if one is known, the run in which the deciding events change places.
 * Runs both once more, to look at the machine after each step.
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
  const passing = await replaySchedule(again.scenario, decodeToken(evidence.critical.passing).schedule);
  const beside = await traceOf(passing, evidenceOf(passing, null), how);
  return { version, traces: [asked, withPairOf(asked, beside)] };
}

async function traceOf(
  { scenario, token }: Replay,
  evidence: Evidence,
  { from, mutant }: HowToReplay,
): Promise<PageTrace> {
  const command = replayCommand(token, from, mutant);
  const filmed = await record(scenario, decodeToken(token).schedule);
  if (traceHash(filmed.events) === evidence.traceHash) return pageTrace(evidence, filmed, command);
  const note = 'this run went another way than the one before it: the programs are not deterministic';
  return pageTrace({ ...evidence, notes: [...evidence.notes, note] }, filmed, command);
}
