import type { CheckOptions, ScenarioReport } from '../check/index.ts';
import type { Run } from '../run/index.ts';
import type { RunBounds } from '../scenario/index.ts';
import type { ScheduleTree } from './tree.ts';

/** How far to search, and how. */
export interface ExploreOptions extends Pick<CheckOptions, 'isolation'> {
  /** How often another process may go on although the last one could. Default: Infinity. */
  preemptions?: number;
  /** How many faults may strike in one run, of all kinds together. Default: as many as the scenario has. */
  faults?: number;
  /** Real time after which the search ends. */
  budgetMs?: number;
  /** The maximum number of runs. Default: all. */
  maxExecutions?: number;
  /** The maximum number of states to keep. Default: {@link DEFAULT_MAX_STATES}. */
  maxStates?: number;
  /** Compares states, and leaves out orders that make no difference. Default: true. */
  reduce?: boolean;
  /**
   * Remembers what programs do, and goes back to saved states, instead of executing programs again. Default: as {@link reduce}. Programs
   * that cannot be remembered are executed all the same.
   */
  remember?: boolean;
  /** How many sequences of results are remembered at a time. Default: {@link DEFAULT_MAX_HISTORIES}. */
  maxHistories?: number;
  /**
   * Relies on what programs say that they keep of a summary, see `Ports.summarize`, until one is found to keep more. Requires
   * {@link remember}. Default: true.
   */
  episodes?: boolean;
  /** Leaves out orders of operations that make no difference. Default: as {@link reduce}. */
  reduceOrders?: boolean;
  /** Whether a search without a violation is ok although parts of the scenario were not run. Default: false. */
  allowOmitted?: boolean;
  signal?: { readonly aborted: boolean };
  onProgress?: (progress: ExploreProgress) => void;
  /** Filled with all schedules that were tried. */
  tree?: ScheduleTree;
  /** Called at the end of each run that does not come to a known state. */
  onEnd?: (run: Run) => void;
}

/** How far a search has come. */
export interface ExploreProgress {
  readonly id: string;
  readonly executions: number;
  readonly states: number;
}

/** The report of a check, and the extent of the search. */
export interface ExploreReport extends ScenarioReport {
  /** Every schedule within the bounds has been tried. */
  readonly complete: boolean;
  /** The number of runs; most end early, in a known state. */
  readonly executions: number;
  /** The number of different states. */
  readonly states: number;
  /** The number of steps from one state to the next. */
  readonly edges: number;
  /** The memory used for states. */
  readonly stateBytes: number;
  /** The number of sequences of results that programs received; 0: they were not remembered. */
  readonly histories: number;
  readonly bounds: ExploreBounds;
}

/** How far the search went. Plain data. */
export interface ExploreBounds extends RunBounds {
  /** How many processes of the system the scenario starts. */
  readonly contenders: number;
  /** The maximum number of faults of all kinds per run; `null`: as many as there are of each. */
  readonly faultsInAll: number | null;
  /** The maximum number of preemptions; `null`: any number. */
  readonly preemptions: number | null;
}

/** At 20 bytes a state and some room in the table. */
export const DEFAULT_MAX_STATES = 50_000_000;

/** At about 1.5 KB each; more are forgotten, and executed again. */
export const DEFAULT_MAX_HISTORIES = 200_000;
