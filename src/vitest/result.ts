import type { TestContext } from 'vitest';
import type { ScenarioReport } from '../check/index.ts';
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

/** Adds the result to the test: a summary as `meta.race`, and the whole trace as an attachment. */
export async function attach(
  { task, annotate }: Pick<TestContext, 'task' | 'annotate'>,
  result: RaceResult,
  evidence: Evidence | null,
): Promise<void> {
  task.meta.race = result;
  if (evidence === null) return;
  const body = new TextEncoder().encode(replayJson(evidence));
  const what = `${evidence.invariant ?? 'no violation'}: ${result.again ?? evidence.token}`;
  await annotate(what, TRACE_ANNOTATION, { contentType: 'application/json', body });
}
