/** What the check of one scenario reports. Plain data: it passes between threads and into JSON as it is. */
import type { Coverage } from '../run/coverage.ts';
import type { Failure } from '../run/failure.ts';
import type { RunBounds } from '../scenario/run-bounds.ts';
import type { Thrown } from '../scenario/thrown.ts';
import type { Critical } from './critical.ts';
import type { StartsOfRun } from './replay.ts';
import type { Cost } from './shrink.ts';

/**
 * What is known of a scenario after a check. `passed`: no violation was found, all that the scenario demands was run, and
 * every invariant was exercised. `inconclusive`: one of these is not so; see `reason`.
 */
export type Verdict = 'passed' | 'violated' | 'inconclusive' | 'nondeterministic';

/** What the check of one scenario has found. Plain data. */
export interface ScenarioReport extends Coverage {
  readonly id: string;
  readonly expects: 'pass' | 'violation';
  readonly verdict: Verdict;
  /** Whether that is what the scenario expects. */
  readonly ok: boolean;
  readonly runs: number;
  readonly steps: number;
  /** Real. */
  readonly seconds: number;
  /** Counted from 1. */
  readonly firstViolationAtRun: number | null;
  /** The strategy that has found it; null: nothing was found, or in a recorded token. */
  readonly foundBy?: string | null | undefined;
  /** How many runs each strategy has had. */
  readonly strategies?: Readonly<Record<string, number>> | undefined;
  /** How many abstract states were reached: see the strategy `novelty`, whose runs are watched for that. */
  readonly abstractStates?: number | undefined;
  readonly violations: readonly Violation[];
  /** Parts of the scenario that no run had, in words. */
  readonly omitted: readonly string[];
  /** What the check took as given, and could hide a violation. */
  readonly assumed: readonly string[];
  /** How far runs go; null: nothing could be run. */
  readonly bounds: RunBounds | null;
  /** Why the verdict is inconclusive or nondeterministic. */
  readonly reason: string | null;
  /** What ended the check before its end; the verdict is inconclusive then. */
  readonly error?: Thrown | undefined;
  /** Of a nondeterministic verdict: the schedule that ran two ways. */
  readonly unstable?: string | undefined;
  /** Why which of the recorded tokens were not replayed. */
  readonly skipped?: readonly string[] | undefined;
  /** Of a known bug: which of the recorded tokens do not show it any more. */
  readonly changed?: readonly string[] | undefined;
  /** What violates nothing and is worth knowing, such as an operation that was not awaited and never happened. */
  readonly notes?: readonly string[] | undefined;
}

/** A minimal run that violates an invariant, and the token to have it again. */
export interface Violation extends Failure, Cost {
  readonly token: string;
  /** Which of the scenario's starts the run has. */
  readonly starts: StartsOfRun;
  /** The two events whose order decides; null: not two alone. */
  readonly critical: Critical | null;
  /** Why it was not made any smaller, although there was more to try; left out: there was not. */
  readonly cutShort?: string | undefined;
}
