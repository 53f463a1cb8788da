import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Replay } from '../check/index.ts';
import type { ScheduleTree } from '../explore/index.ts';
import {
  type CheckReport,
  type Evidence,
  type Exploration,
  mermaid,
  perfetto,
  replayCommand,
  replayJson,
} from '../report/index.ts';
import { count } from '../report/numbers.ts';
import { type HowToReplay, pageData, pageHtml, pageNodes } from '../report/page/index.ts';
import { messageOf, UsageError } from './errors.ts';
import { VERSION } from './version.ts';

/** Documents of a replay: everything but the timeline. */
export const FORMATS = { json: replayJson, perfetto, mermaid } as const;
export type Format = keyof typeof FORMATS;

/** @throws UsageError when there is no such format */
export function parseFormat(text: string): Format {
  if (Object.hasOwn(FORMATS, text)) return text as Format;
  throw new UsageError(
    `--format got ${JSON.stringify(text)}; accepted: ${Object.keys(FORMATS).join(', ')}. Without it there is a timeline`,
  );
}

/** The viewer as one page. */
export async function viewerPage(again: Replay, evidence: Evidence, how: HowToReplay): Promise<string> {
  const assets = { script: asset('viewer.js'), style: asset('viewer.css') };
  return pageHtml(await pageData(again, evidence, how, VERSION), assets);
}

/** The tree of all schedules as one page. */
export function treePage(
  report: CheckReport,
  { complete, executions, states }: Exploration,
  tree: ScheduleTree,
): string {
  const { id, verdict, from, mutant = null, violations } = report.scenarios[0]!;
  const facts = [
    `${verdict}: ${complete ? 'every schedule within the bounds' : 'not every schedule'}`,
    `${count(executions, 'run')}, ${count(states, 'state')}`,
    ...(tree.abandoned > 0 ? [`${count(tree.abandoned, 'run')} on a wrong assumption, left out here`] : []),
    ...violations.map(({ invariant, message }) => `${invariant}: ${message}`),
  ];
  const page = {
    ...{ scenario: id, facts, complete, left: tree.left, nodes: pageNodes(tree.nodes) },
    commands: violations.map(({ token }) => replayCommand(token, from, mutant)),
  };
  const assets = { script: asset('viewer.js'), style: asset('viewer.css') };
  return pageHtml({ version: VERSION, traces: [], tree: page }, assets);
}

/** @throws UsageError when it cannot be written */
export function writeDocument(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.endsWith('\n') ? text : `${text}\n`);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${messageOf(error)}`);
  }
}

function asset(name: string): string {
  const url = new URL(`../viewer/${name}`, import.meta.url);
  try {
    return readFileSync(url, 'utf8');
  } catch {
    throw new UsageError(
      `the viewer is not built: there is no ${url.pathname}. In a clone, npm run build makes it`,
    );
  }
}
