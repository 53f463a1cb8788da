import type { Replay } from '../check/index.ts';
import type { ScheduleTree } from '../explore/index.ts';
import type { RealReplay } from '../lockstep/index.ts';
import { readSource, ViewerError, viewerAssets } from '../project/viewer-page.ts';
import {
  type CheckReport,
  type Evidence,
  type Exploration,
  mermaid,
  perfetto,
  replayCommand,
  replayJson,
} from '../report/index.ts';
import {
  type HowToReplay,
  type PageAssets,
  type PageTrace,
  pageData,
  pageHtml,
  pageNodes,
  pageReport,
  type RunsOf,
} from '../report/page/index.ts';
import { count } from '../scenario/wording.ts';
import { CHOICE_KINDS } from '../sim/index.ts';
import { UsageError } from './errors.ts';
import type { Format } from './parse.ts';
import { VERSION } from './version.ts';

/** Writes a run in each of the formats. Only JSON has what real processes did. */
export const WRITERS: Record<Format, (evidence: Evidence, real?: RealReplay) => string> = {
  json: replayJson,
  perfetto: (evidence) => perfetto(evidence),
  mermaid: (evidence) => mermaid(evidence),
};

/** The viewer as a self-contained page. */
export async function viewerPage(
  again: Replay,
  evidence: Evidence,
  how: Omit<HowToReplay, 'readSource'>,
): Promise<string> {
  return pageHtml(await pageData(again, evidence, { ...how, readSource }, VERSION), assets());
}

/** What a page shows of a run and, if known, of the passing run in which the critical events are swapped. */
export async function pageTraces(
  again: Replay,
  evidence: Evidence,
  how: Omit<HowToReplay, 'readSource'>,
): Promise<readonly PageTrace[]> {
  return (await pageData(again, evidence, { ...how, readSource }, VERSION)).traces;
}

/** The report of a check as a self-contained page. */
export function reportPage(report: CheckReport, recorded: RunsOf): string {
  const { page, runs } = pageReport(report, recorded);
  return pageHtml({ version: VERSION, traces: [], report: page }, assets(), runs);
}

/** The tree of all schedules as a self-contained page. */
export function treePage(
  report: CheckReport,
  { complete, executions, states }: Exploration,
  tree: ScheduleTree,
): string {
  const { id, verdict, from, mutant = null, violations } = report.scenarios[0]!;
  const facts = [
    `${verdict}: ${complete ? 'every schedule within the bounds was tried' : verdict === 'violated' ? 'the search ended with the first violation' : 'not every schedule was tried'}`,
    `${count(executions, 'run')}, ${count(states, 'state')}`,
    ...(tree.abandoned > 0
      ? [`${count(tree.abandoned, 'run')} made again without a shortcut, and shown once`]
      : []),
    ...violations.map(({ invariant, message }) => `${invariant}: ${message}`),
  ];
  const page = {
    ...{ scenario: id, facts, complete },
    ...pageNodes(tree, CHOICE_KINDS),
    commands: violations.map(({ token }) => replayCommand(token, from, mutant)),
    replay: tree.scenario && { ...tree.scenario, command: replayParts(from, mutant) },
  };
  return pageHtml({ version: VERSION, traces: [], tree: page }, assets());
}

/** The command that replays a token, before and after it. */
function replayParts(from: string | null, mutant: string | null): [before: string, after: string] {
  const token = 'TOKEN';
  const [before = '', ...after] = replayCommand(token, from, mutant).split(token);
  return [before, after.join(token)];
}

function assets(): PageAssets {
  try {
    return viewerAssets();
  } catch (error) {
    throw error instanceof ViewerError ? new UsageError(error.message) : error;
  }
}
