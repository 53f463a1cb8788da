import type { TestContext } from 'vitest';
import type { Replay, ScenarioReport } from '../check/index.ts';
import { ViewerError, viewerPage } from '../project/viewer-page.ts';
import { type Evidence, replayJson } from '../report/index.ts';

/** What a race test stores in the `meta` of its task, for reporters. Plain data. */
export interface RaceResult {
  readonly scenario: string;
  readonly verdict: ScenarioReport['verdict'];
  /** `null` if a token was replayed instead of a search. */
  readonly seed: number | null;
  readonly runs: number;
  readonly sometimes: Readonly<Record<string, number>>;
  /** The violated invariant; `null` if there is none. */
  readonly invariant: string | null;
  readonly token: string | null;
  readonly traceHash: string | null;
  /** The command to replay the violation; `null` if there is none. */
  readonly again: string | null;
}

declare module 'vitest' {
  interface TaskMeta {
    /** Set by race tests. */
    race?: RaceResult;
  }
}

/** The type of annotations with a trace or a note. */
export const TRACE_ANNOTATION = 'one-survivor';

/** Adds the result to the test: a summary as `meta.race`, and the whole trace and a page to step through it as attachments. */
export async function attach(
  { task, annotate }: Pick<TestContext, 'task' | 'annotate'>,
  result: RaceResult,
  shown: Shown | null,
): Promise<void> {
  task.meta.race = result;
  if (shown === null) return;
  const { evidence, page } = shown;
  const body = new TextEncoder().encode(replayJson(evidence));
  const what = `${evidence.invariant ?? 'no violation'}: ${result.again ?? evidence.token}`;
  await annotate(what, TRACE_ANNOTATION, { contentType: 'application/json', body });
  if (typeof page === 'string')
    await annotate(`a page to step through the run: ${what}`, TRACE_ANNOTATION, {
      contentType: 'text/html',
      body: new TextEncoder().encode(page),
    });
  else await annotate(`there is no page of the run: ${page.without}`, TRACE_ANNOTATION);
}

/** A run that is shown. */
export interface Shown {
  readonly evidence: Evidence;
  /** The page of the viewer, or why there is none. */
  readonly page: string | { readonly without: string };
}

/** @param again the command that replays the run */
export async function shownOf(
  run: Replay,
  evidence: Evidence,
  from: string | null,
  again: string | null,
): Promise<Shown> {
  // Without a file, the command for the debugger has a gap to fill in.
  const how = { from: from ?? 'FILE', mutant: null, ...(again !== null && { command: again }) };
  try {
    return { evidence, page: await viewerPage(run, evidence, how) };
  } catch (error) {
    if (error instanceof ViewerError) return { evidence, page: { without: error.message } };
    throw error;
  }
}
