/** Explores a scenario as it is written, in levels of growing bounds, until the time is up. */

import { gapsOf, mergeCoverage } from '../run/index.ts';
import {
  type Bounds,
  bounded,
  boundsOf,
  contendersOf,
  faultCounts,
  type Scenario,
  withFault,
} from '../scenario/index.ts';
import type { FaultName } from '../sim/index.ts';
import { DEFAULT_BUSY_MS, FAULTS } from '../sim/index.ts';
import { checkExploreLevels } from './accepted-options.ts';
import { exploreTimed, isExercised, isOpen } from './explore.ts';
import {
  DEFAULT_LEVELS_BUDGET_MS,
  type Level,
  type LevelsOptions,
  type LevelsReport,
} from './level-options.ts';
import type { ExploreReport } from './options.ts';
import { type Axes, Plan, type Point } from './plan.ts';
import { type Judgement, judge } from './verdict.ts';

/** What a power cut leaves on the disk is not part of a state's name, so that each schedule is executed on its own. */
const UNMATCHED: readonly FaultName[] = ['power-cut'];

/** Preemptions level by level: any number is reduced better, and often has fewer states, than a bound of three or more. */
const PREEMPTIONS = [0, 1, 2, Number.POSITIVE_INFINITY];

interface Explored {
  readonly level: Level;
  readonly point: Point;
  readonly report: ExploreReport;
  readonly searchMs: number;
}

/**
 * Explores a scenario as it is written: all its starts, and all its faults up to the number that it allows. Levels of growing
 * bounds follow each other: faults in one run, preemptions, time that passes although a process could go on. Each
 * is explored to its end with the time that is left. The report is of the largest that was completed, or of the one in which a
 * violation was found. What no completed level had is in `omitted`, and the verdict is `inconclusive` then.
 *
 * @throws TypeError when it is not given a scenario, or an option that it does not know, or one of another type
 * @throws RangeError when a number among the options makes no sense
 * @throws ScenarioError when the bounds make no sense, or a program keeps of an episode what is no plain data
 */
export async function exploreLevels(scenario: Scenario, options: LevelsOptions = {}): Promise<LevelsReport> {
  checkExploreLevels(scenario, options);
  return new Levels(scenario, options).explore();
}

class Levels {
  readonly #scenario: Scenario;
  readonly #options: LevelsOptions;
  readonly #wanted: Bounds;
  readonly #begunAt = performance.now();
  readonly #endsAt: number;
  readonly #explored: Explored[] = [];

  constructor(scenario: Scenario, options: LevelsOptions) {
    this.#scenario = scenario;
    this.#options = options;
    const { contenders, faultCounts: counts = {}, budgetMs = DEFAULT_LEVELS_BUDGET_MS } = options;
    const written = boundsOf(scenario);
    const named = Object.entries(counts) as [FaultName, number][];
    const asked: Bounds = { ...written, contenders: contenders ?? written.contenders };
    this.#wanted = named.reduce((bounds, [name, most]) => withFault(bounds, name, most), asked);
    this.#endsAt = this.#begunAt + budgetMs;
  }

  async explore(): Promise<LevelsReport> {
    const plan = new Plan(this.#axes);
    for (;;) {
      const leftMs = this.#endsAt - performance.now();
      const point = this.#explored.length > 0 && leftMs <= 0 ? null : plan.next(Math.max(0, leftMs));
      if (point === null) break;
      const { level, report, searchMs } = await this.#exploreOne(point, Math.max(1, leftMs));
      if (level.complete) plan.completed(point, { edges: report.edges, ms: searchMs });
      else plan.failed(point);
      if (!isOpen(report) || this.#options.signal?.aborted) break;
    }
    return this.#report();
  }

  get #axes(): Axes {
    const { faults, preemptions, busyMs, faultCounts: asked = {} } = this.#options;
    const wanted = faultCounts(this.#wanted);
    const most = sumOf(wanted);
    const matched = most - sumOf(Object.fromEntries(UNMATCHED.map((name) => [name, wanted[name]])));
    const own = this.#scenario.machine.busyMs ?? DEFAULT_BUSY_MS;
    const counts =
      faults === undefined
        ? [...doubling(sumOf(asked), matched), ...(most > matched ? [most] : [])]
        : [Math.min(faults, most)];
    return {
      faults: counts,
      matchedFaults: faults === undefined ? Math.max(sumOf(asked), matched) : counts[0]!,
      preemptions: preemptions === undefined ? PREEMPTIONS : [preemptions],
      busyMs: busyMs === undefined ? [...new Set([0, own])] : [busyMs],
      unmatched: most > matched ? [false, true] : [false],
    };
  }

  async #exploreOne(point: Point, leftMs: number): Promise<Explored> {
    const { maxStates, reduceOrders, signal, onProgress, onLevel } = this.#options;
    // One look for memory that processes share is enough.
    const isTurnedOff = this.#options.isolation === false;
    const isolation = this.#explored.length === 0 || isTurnedOff ? this.#options.isolation : 'done';
    const bounds = this.#boundsAt(point);
    const counts = faultCounts(bounds);
    const faultsInAll = Math.min(point.faults, sumOf(counts));
    const begun = {
      contenders: bounds.contenders,
      ...{ faults: counts, faultsInAll, busyMs: point.busyMs },
      preemptions: Number.isFinite(point.preemptions) ? point.preemptions : null,
    };
    const tree = onLevel?.(begun);
    const { report, searchMs } = await exploreTimed(bounded(this.#scenario, bounds), {
      preemptions: point.preemptions,
      budgetMs: leftMs,
      ...(faultsInAll < sumOf(counts) && { faults: faultsInAll }),
      ...(isolation !== undefined && { isolation }),
      ...(maxStates !== undefined && { maxStates }),
      ...(reduceOrders !== undefined && { reduceOrders }),
      ...(signal !== undefined && { signal }),
      ...(onProgress !== undefined && { onProgress }),
      ...(tree !== undefined && { tree }),
    });
    const { complete, states, edges, executions, seconds } = report;
    const level = { ...begun, complete, states, edges, executions, seconds };
    const explored = { level, point, report, searchMs };
    this.#explored.push(explored);
    return explored;
  }

  #boundsAt({ faults, busyMs, unmatched }: Point): Bounds {
    const names = Object.keys(faultCounts(this.#wanted)) as FaultName[];
    const without = names.filter((name) => faults === 0 || (UNMATCHED.includes(name) && !unmatched));
    return without.reduce((bounds, name) => withFault(bounds, name, 0), { ...this.#wanted, busyMs });
  }

  #report(): LevelsReport {
    const completed = this.#explored.filter(({ level }) => level.complete);
    const decisive = this.#explored.find(({ report }) => !isOpen(report));
    const largest = decisive ?? completed.toSorted(byExtent).at(-1) ?? this.#explored[0]!;
    const [first, ...others] = this.#explored.map(({ report }) => report);
    const coverage = mergeCoverage([first!, ...others]);
    const all: LevelsReport = {
      ...largest.report,
      ...coverage,
      assumed: [...new Set([...first!.assumed.filter(isOfMemory), ...largest.report.assumed])],
      seconds: (performance.now() - this.#begunAt) / 1000,
      levels: this.#explored.map(({ level }) => level),
      largest: this.#explored.indexOf(largest),
      has: { contenders: contendersOf(this.#scenario), faults: faultCounts(boundsOf(this.#scenario)) },
    };
    return decisive !== undefined ? all : { ...all, ...this.#judge(all, completed) };
  }

  /** Nothing was found. */
  #judge(report: LevelsReport, completed: readonly Explored[]): Judgement {
    const executions = this.#explored.reduce((sum, { level }) => sum + level.executions, 0);
    const missing = completed.length === 0 ? [] : this.#missing(completed);
    return judge({
      expects: this.#scenario.expects,
      reason: completed.length === 0 ? report.reason : null,
      gaps: gapsOf(report, executions),
      missing: missing.map((name) => `no level with the fault ${name} was completed`),
      isExercised: isExercised(report),
      isCut: this.#isCut,
      allowOmitted: this.#options.allowOmitted ?? false,
    });
  }

  /** The faults that no completed level had. One that needs two strikes to do anything must be able to strike twice. */
  #missing(completed: readonly Explored[]): string[] {
    const { faults: asked = Number.POSITIVE_INFINITY } = this.#options;
    if (asked === 0) return [];
    const wanted = Object.entries(faultCounts(this.#wanted)) as [FaultName, number][];
    const isMissing = ([name, most]: [FaultName, number]): boolean => {
      const needed = Math.min(asked, most, FAULTS[name].defaults?.max ?? 1);
      return !completed.some(({ level }) => (level.faults[name] ?? 0) > 0 && level.faultsInAll >= needed);
    };
    return wanted.filter(isMissing).map(([name]) => name);
  }

  /** Whether less was asked for than the scenario has. */
  get #isCut(): boolean {
    const { faults = Number.POSITIVE_INFINITY } = this.#options;
    const written = boundsOf(this.#scenario);
    const wanted = faultCounts(this.#wanted);
    const counts = Object.entries(faultCounts(written)) as [FaultName, number][];
    return (
      this.#wanted.contenders < written.contenders ||
      counts.some(([name, count]) => (wanted[name] ?? 0) < count) ||
      faults < sumOf(wanted)
    );
  }
}

/** First what has more faults, then more preemptions, then more time. */
function byExtent({ level: a }: Explored, { level: b }: Explored): number {
  const { POSITIVE_INFINITY: any } = Number;
  return (
    Object.keys(a.faults).length - Object.keys(b.faults).length ||
    a.faultsInAll - b.faultsInAll ||
    Math.sign((a.preemptions ?? any) - (b.preemptions ?? any) || 0) ||
    a.busyMs - b.busyMs
  );
}

/** `least`, and then twice as many each time, up to `most`. */
function doubling(least: number, most: number): number[] {
  const values = [least];
  for (let next = 1; next < most; next *= 2) if (next > least) values.push(next);
  return most > least ? [...values, most] : values;
}

function sumOf(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((sum, count = 0) => sum + count, 0);
}

/** Only the first level looks for memory that processes share. */
function isOfMemory(assumed: string): boolean {
  return assumed.startsWith('programs share no memory');
}
