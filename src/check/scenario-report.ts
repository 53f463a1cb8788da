/** The report of the check of one scenario. Plain data: it is sent between threads and written as JSON. */
import type { Coverage } from '../run/coverage.ts';
import type { Failure } from '../run/failure.ts';
import type { RunBounds } from '../scenario/run-bounds.ts';
import type { Thrown } from '../scenario/thrown.ts';
import type { Cost } from './counterexample.ts';
import type { Critical } from './critical.ts';
import type { StartsOfRun } from './replay.ts';

/**
 * The outcome of a check. `passed`: no violation was found, everything that the scenario demands was run, and every invariant was
 * exercised. `inconclusive`: one of these conditions is not met, see `reason`.
 */
export type Verdict = 'passed' | 'violated' | 'inconclusive' | 'nondeterministic';

/** The result of the check of one scenario. Plain data. */
export interface ScenarioReport extends Coverage {
  readonly id: string;
  readonly expects: 'pass' | 'violation';
  readonly verdict: Verdict;
  /** Whether the verdict is what the scenario expects. */
  readonly ok: boolean;
  readonly runs: number;
  readonly steps: number;
  /** Real time. */
  readonly seconds: number;
  /** Counted from 1. */
  readonly firstViolationAtRun: number | null;
  /** The strategy that found the violation; `null` if there is none, or if a recorded token showed it. */
  readonly foundBy?: string | null | undefined;
  /** How many runs each strategy has made. */
  readonly strategies?: Readonly<Record<string, number>> | undefined;
  /** How many abstract states were reached by runs of the strategy `novelty`. */
  readonly abstractStates?: number | undefined;
  readonly violations: readonly Violation[];
  /** Descriptions of parts of the scenario that were in no run. */
  readonly omitted: readonly string[];
  /** Assumptions of the check that could hide a violation. */
  readonly assumed: readonly string[];
  /** The bounds of the runs; `null` if nothing could be run. */
  readonly bounds: RunBounds | null;
  /** Why the verdict is inconclusive or nondeterministic. */
  readonly reason: string | null;
  /** The exception that ended the check early; the verdict is then `inconclusive`. */
  readonly error?: Thrown | undefined;
  /** If nondeterministic: the schedule that gave two different runs. */
  readonly unstable?: string | undefined;
  /** The recorded tokens that were not replayed as they were recorded, and why. */
  readonly skipped?: readonly string[] | undefined;
  /** For a known bug: the recorded tokens that no longer show it. */
  readonly changed?: readonly string[] | undefined;
  /** What an author should know although it is not a violation, such as an operation that was not awaited and never happened. */
  readonly notes?: readonly string[] | undefined;
}

/** A shrunk run that violates an invariant, and its token. */
export interface Violation extends Failure, Cost {
  readonly token: string;
  /** Which of the processes in `start` the run has. */
  readonly starts: StartsOfRun;
  /** The two events whose order decides; `null` if there is no such pair. */
  readonly critical: Critical | null;
  /** Why shrinking stopped although there was more to try, if it did. */
  readonly cutShort?: string | undefined;
}
