import type { CheckOptions, ScenarioReport } from '../check/index.ts';
import type { Run } from '../run/index.ts';
import type { RunBounds } from '../scenario/index.ts';
import type { ScheduleTree } from './tree.ts';

/** How far to search, and how. */
export interface ExploreOptions extends Pick<CheckOptions, 'isolation'> {
  /** How often another process than the last may go on although the last could. Infinity unless said. */
  preemptions?: number;
  /** How many faults may strike in one run, of all kinds together. Default: as many as the scenario has. */
  faults?: number;
  /** Real time after which the search ends. */
  budgetMs?: number;
  /** How many runs there may be. As many as there are unless said. */
  maxExecutions?: number;
  /** How many states may be kept. Unless said {@link DEFAULT_MAX_STATES}. */
  maxStates?: number;
  /** Takes states that were seen before for what they are, and leaves out orders that make no difference. True unless said. */
  reduce?: boolean;
  /**
   * Remembers what programs do upon what they learn, and goes back to machines that were kept, instead of executing programs
   * again. As {@link reduce} unless said; programs that cannot be remembered are executed all the same.
   */
  remember?: boolean;
  /** How many sequences of results may be remembered at a time. Unless said {@link DEFAULT_MAX_HISTORIES}. */
  maxHistories?: number;
  /**
   * Takes programs at their word about what they keep of an episode, see `Ports.episode`, until one is found to keep more. Needs
   * {@link remember}. True unless said.
   */
  episodes?: boolean;
  /**
   * Lets identical processes begin in the order of their numbers only, until an execution with two of them exchanged turns out
   * to differ, as where programs compare PIDs. As {@link reduce} unless said.
   */
  symmetry?: boolean;
  /** Whether a search that found nothing is ok although parts of the scenario were not run. Default: false. */
  allowOmitted?: boolean;
  signal?: { readonly aborted: boolean };
  onProgress?: (progress: ExploreProgress) => void;
  /** Is made the tree of all schedules that were tried. */
  tree?: ScheduleTree;
  /** Called at the end of each run that does not join another. */
  onEnd?: (run: Run) => void;
}

/** How far a search has come. */
export interface ExploreProgress {
  readonly id: string;
  readonly executions: number;
  readonly states: number;
}

/** The report of a check, and what was searched. */
export interface ExploreReport extends ScenarioReport {
  /** Every schedule within the bounds has been tried. */
  readonly complete: boolean;
  /** How many runs it took; most end early, where they join another. */
  readonly executions: number;
  /** How many states were told apart. */
  readonly states: number;
  /** How many steps led from one state to the next. */
  readonly edges: number;
  /** What the states took in memory. */
  readonly stateBytes: number;
  /** How many sequences of results programs have learned; 0: they were not remembered. */
  readonly histories: number;
  readonly bounds: ExploreBounds;
}

/** How far the search went. Plain data. */
export interface ExploreBounds extends RunBounds {
  /** How many processes of the system the scenario starts. */
  readonly contenders: number;
  /** How many faults may strike in one run, of all kinds together; null: as many as there are of each. */
  readonly faultsInAll: number | null;
  /** How often another process may go on although the last could; null: any number of times. */
  readonly preemptions: number | null;
}

/** At about 20 bytes a state. */
export const DEFAULT_MAX_STATES = 50_000_000;

/** At about 1.5 KB each: more are forgotten, and learned again. */
export const DEFAULT_MAX_HISTORIES = 200_000;
