import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeToken, film, type Replay, replaySchedule, traceHash } from '../check/index.ts';
import { type Evidence, evidenceOf, mermaid, perfetto, replayCommand, replayJson } from '../report/index.ts';
import { type PageTrace, pageHtml, pageTrace, withPairOf } from '../report/page/index.ts';
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

/** What the command line said besides the token. */
export interface HowToReplay {
  readonly from: string | null;
  readonly mutant: string | null;
}

/** The viewer as one page: the run, and beside it, if one is known, the run in which the deciding events change places. */
export async function viewerPage(again: Replay, evidence: Evidence, how: HowToReplay): Promise<string> {
  const asked = await traceOf(again, evidence, how);
  const traces = [asked];
  if (evidence.critical !== null) {
    const passing = await replaySchedule(again.scenario, decodeToken(evidence.critical.passing).schedule);
    traces.push(withPairOf(asked, await traceOf(passing, evidenceOf(passing, null), how)));
  }
  return pageHtml({ version: VERSION, traces }, { script: asset('viewer.js'), style: asset('viewer.css') });
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

async function traceOf(again: Replay, evidence: Evidence, { from, mutant }: HowToReplay): Promise<PageTrace> {
  const command = replayCommand(again.token, from, mutant);
  const filmed = await film(again.scenario, decodeToken(again.token).schedule);
  if (traceHash(filmed.events) === evidence.traceHash) return pageTrace(evidence, filmed, command);
  const note = 'this run went another way than the one before it: the programs are not deterministic';
  return pageTrace({ ...evidence, notes: [...evidence.notes, note] }, filmed, command);
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
