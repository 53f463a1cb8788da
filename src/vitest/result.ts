import type { TestContext } from 'vitest';
import type { ScenarioReport } from '../check/index.ts';
import { type Evidence, replayJson } from '../report/index.ts';

/** What a race test leaves in its task's `meta`, for reporters. Plain data. */
export interface RaceResult {
  readonly scenario: string;
  readonly verdict: ScenarioReport['verdict'];
  /** Null: a token was replayed, nothing was searched. */
  readonly seed: number | null;
  readonly runs: number;
  readonly sometimes: Readonly<Record<string, number>>;
  /** Of the violation, if there is one; null: none. */
  readonly invariant: string | null;
  readonly token: string | null;
  readonly traceHash: string | null;
  /** The command that has it again; null: there is nothing to replay. */
  readonly again: string | null;
}

declare module 'vitest' {
  interface TaskMeta {
    /** Of a race test. */
    race?: RaceResult;
  }
}

/** The type of the annotations that hold a trace, or a note. */
export const TRACE_ANNOTATION = 'one-survivor';

/** Puts what was found with the test's result: a summary as `meta.race`, the whole trace as an attachment. */
export async function attach(
  { task, annotate }: Pick<TestContext, 'task' | 'annotate'>,
  result: RaceResult,
  evidence: Evidence | null,
): Promise<void> {
  task.meta.race = result;
  if (evidence === null) return;
  const body = new TextEncoder().encode(replayJson(evidence));
  const what = `${evidence.invariant ?? 'nothing violated'}: ${result.again ?? evidence.token}`;
  await annotate(what, TRACE_ANNOTATION, { contentType: 'application/json', body });
}
