/** How levels are explored, and what is known of each afterwards. */
import type { FaultName } from '../sim/index.ts';
import type { ExploreOptions, ExploreReport } from './options.ts';
import type { ScheduleTree } from './tree.ts';

/** Real time: as long as a person waits. */
export const DEFAULT_LEVELS_BUDGET_MS = 60_000;

/** What is left open grows level by level, up to what the scenario has. */
export interface LevelsOptions
  extends Pick<
    ExploreOptions,
    | 'isolation'
    | 'budgetMs'
    | 'preemptions'
    | 'faults'
    | 'maxStates'
    | 'reduceOrders'
    | 'allowOmitted'
    | 'signal'
    | 'onProgress'
  > {
  /** How many processes of the system start, see `bounded`. Default: as many as the scenario has. */
  contenders?: number;
  /** By fault, how often it may strike in one run. Default, for each that is not named: as often as the scenario says. */
  faultCounts?: Readonly<Partial<Record<FaultName, number>>>;
  /** How long in all time may pass although a process could go on, in simulated milliseconds. Default: 0, then the scenario's own. */
  busyMs?: number;
  /** A level begins. What it returns is made the tree of its schedules. */
  onLevel?: (level: LevelBounds) => ScheduleTree | undefined;
}

/** How far a level goes. Plain data. */
export interface LevelBounds {
  readonly contenders: number;
  /** By fault, how often it may strike in one run, at most. Others do not strike. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  /** How many faults may strike in one run, of all kinds together. */
  readonly faultsInAll: number;
  /** How often another process may go on although the last could; null: any number of times. */
  readonly preemptions: number | null;
  /** How long in all time may pass although a process could go on, in simulated milliseconds. */
  readonly busyMs: number;
}

/** A level that was explored. Plain data. */
export interface Level extends LevelBounds {
  /** Every schedule within its bounds was tried. */
  readonly complete: boolean;
  readonly states: number;
  readonly edges: number;
  readonly executions: number;
  /** Real. */
  readonly seconds: number;
}

/**
 * The report of the largest level that was completed, or of the one in which a violation was found. Counts of coverage are of
 * all levels together.
 */
export interface LevelsReport extends ExploreReport {
  readonly levels: readonly Level[];
  /** Which of them the report is of, counted from 0. */
  readonly largest: number;
  /** What the scenario has, for comparison with the bounds. */
  readonly has: ScenarioExtent;
}

export interface ScenarioExtent {
  /** Processes of the system. */
  readonly contenders: number;
  /** By fault, how often it may strike in one run, at most. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
}
