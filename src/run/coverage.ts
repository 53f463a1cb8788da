/**
 * What a search has observed: which processes started, which faults struck, which invariants were exercised. The
 * verdict depends on this: see `check.ts`.
 */

import { hasHappened, isMet, markSoughtBy } from '../scenario/invariant.ts';
import type { Scenario, Start } from '../scenario/options.ts';
import { plannedFaults } from '../scenario/planned-faults.ts';
import { longestSleepBeyondEnd } from './horizon.ts';
import { describeMissingFolders } from './missing-folders.ts';
import type { Run } from './run.ts';
import { describeUnmarked } from './unmarked.ts';

/** Counts over all runs of a search. Plain data. */
export interface Coverage {
  /** How many runs reached each `sometimes`, by name. */
  readonly sometimes: Readonly<Record<string, number>>;
  /** How many runs met the requirement of each invariant that has one. */
  readonly exercised: readonly Exercise[];
  /** How many processes each entry of `start` has started. */
  readonly started: readonly Beginning[];
  /** How often each enabled fault struck, by name. */
  readonly struck: Readonly<Record<string, number>>;
  /** How many processes were spawned of each program that has no entry in `start`. */
  readonly spawned: Readonly<Record<string, number>>;
  /** The longest sleep that did not end within its run, in simulated milliseconds; 0 if there is none. See `longestSleepBeyondEnd`. */
  readonly unawaitedSleepMs: number;
  /** How many runs had each mark. A mark that an invariant requires and that was in no run has 0. Absent: not counted. */
  readonly marked?: Readonly<Record<string, number>>;
  /** The fewest and the most processes of the system that were left at the end of a run. Absent: not counted. */
  readonly survivors?: { readonly least: number; readonly most: number } | undefined;
  /** For each folder that was missing when a program wanted to create something in it, in how many runs. Absent: not counted. */
  readonly missingFolders?: Readonly<Record<string, number>>;
  /** For each program that is a file of Node, how many of its processes asked the machine for anything. Absent: not counted. */
  readonly asked?: Readonly<Record<string, number>>;
}

/** How many runs exercised an invariant that has a requirement. Plain data. */
export interface Exercise {
  readonly invariant: string;
  /** A description of the requirement. */
  readonly requires: string;
  /** Whether the check can pass without it: see `ifExercised`. */
  readonly optional: boolean;
  readonly runs: number;
}

/** How many processes an entry of `start` has started in all runs. Plain data. */
export interface Beginning {
  /** The program, its arguments, and the index of the entry. */
  readonly start: string;
  readonly processes: number;
  /** Why there are none; otherwise empty. */
  readonly otherwise: string;
}

/** The coverage of no runs. */
export const NO_COVERAGE: Coverage = {
  sometimes: {},
  exercised: [],
  started: [],
  struck: {},
  spawned: {},
  unawaitedSleepMs: 0,
};

/** Collects the coverage of a search, run by run. */
export class CoverageCounter {
  readonly #scenario: Scenario;
  readonly #sometimes = new Map<string, number>();
  readonly #exercised = new Map<string, number>();
  readonly #started: number[];
  readonly #struck = new Map<string, number>();
  readonly #spawned = new Map<string, number>();
  /** For each process name that was seen, its program if it is counted. */
  readonly #programs = new Map<string, string | null>();
  readonly #marked = new Map<string, number>();
  readonly #missingFolders = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  #unawaitedSleepMs = 0;
  #survivors: { least: number; most: number } | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    for (const invariant of scenario.invariants) {
      const mark = markSoughtBy(invariant);
      if (mark !== null) this.#marked.set(mark, 0);
      if (invariant.kind === 'sometimes') this.#sometimes.set(invariant.name, 0);
      else if (invariant.requires) this.#exercised.set(invariant.name, 0);
    }
    this.#started = scenario.start.map(() => 0);
    const named = new Set(scenario.start.map(({ program }) => program));
    for (const program of scenario.programs.keys()) if (!named.has(program)) this.#spawned.set(program, 0);
    for (const name of plannedFaults(scenario)) this.#struck.set(name, 0);
  }

  /** Adds a finished run. */
  add(run: Run): void {
    for (const invariant of this.#scenario.invariants) {
      if (invariant.kind === 'sometimes') {
        if (hasHappened(invariant, run.world)) increase(this.#sometimes, invariant.name, 1);
      } else if (invariant.requires && isMet(invariant, run.world))
        increase(this.#exercised, invariant.name, 1);
    }
    for (const mark of run.world.marks.keys()) increase(this.#marked, mark, 1);
    for (const folder of run.world.missingFolders.wanted) increase(this.#missingFolders, folder, 1);
    for (const [entry, begun] of run.started.entries()) this.#started[entry]! += begun;
    for (const [name, count] of run.strikes()) increase(this.#struck, name, count);
    if (this.#spawned.size > 0) this.#countSpawned(run);
    this.#countAsked(run);
    this.#countSurvivors(run);
    this.#unawaitedSleepMs = Math.max(this.#unawaitedSleepMs, longestSleepBeyondEnd(run));
  }

  /** Only of runs that came to their end. */
  #countSurvivors({ failure, world }: Run): void {
    const atEnd = this.#scenario.invariants.some(
      ({ kind, name }) => kind === 'eventually' && name === failure?.invariant,
    );
    if (failure !== null && !atEnd) return;
    let left = 0;
    for (const { alive, foreign } of world.processes) if (alive && !foreign) left++;
    this.#survivors = widest(this.#survivors, { least: left, most: left });
  }

  #countAsked({ machine }: Run): void {
    for (const { name, asks } of machine.table.all())
      if (asks !== null) increase(this.#asked, name.slice(0, name.lastIndexOf('#')), asks ? 1 : 0);
  }

  #countSpawned({ machine }: Run): void {
    for (const { name } of machine.table.all()) {
      let program = this.#programs.get(name);
      if (program === undefined) {
        program = name.slice(0, name.lastIndexOf('#'));
        if (!this.#spawned.has(program)) program = null;
        this.#programs.set(name, program);
      }
      if (program !== null) increase(this.#spawned, program, 1);
    }
  }

  get counts(): Coverage {
    const scenario = this.#scenario;
    return {
      sometimes: Object.fromEntries(this.#sometimes),
      exercised: scenario.invariants.flatMap((invariant) =>
        invariant.kind !== 'sometimes' && invariant.requires
          ? [
              {
                invariant: invariant.name,
                requires: invariant.requires.what,
                optional: invariant.requires.optional ?? false,
                runs: this.#exercised.get(invariant.name)!,
              },
            ]
          : [],
      ),
      started: scenario.start.map((start, entry) => ({
        start: `${labelOf(start)} (start[${entry}])`,
        processes: this.#started[entry]!,
        otherwise: this.#started[entry]! > 0 ? '' : whyNotBegun(scenario, start),
      })),
      struck: Object.fromEntries(this.#struck),
      spawned: Object.fromEntries(this.#spawned),
      unawaitedSleepMs: this.#unawaitedSleepMs,
      marked: Object.fromEntries(this.#marked),
      missingFolders: Object.fromEntries(this.#missingFolders),
      ...(this.#asked.size > 0 && { asked: Object.fromEntries(this.#asked) }),
      survivors: this.#survivors,
    };
  }
}

/** Merges the coverage of several searches of the same scenario. */
export function mergeCoverage([first, ...others]: readonly [Coverage, ...Coverage[]]): Coverage {
  return others.reduce<Coverage>(
    (total, part) => ({
      sometimes: sum(total.sometimes, part.sometimes),
      // A part that was not searched has none.
      exercised: longer(total.exercised, part.exercised).map((each, i) => ({
        ...each,
        runs: (total.exercised[i]?.runs ?? 0) + (part.exercised[i]?.runs ?? 0),
      })),
      started: longer(total.started, part.started).map((each, i) => {
        const processes = (total.started[i]?.processes ?? 0) + (part.started[i]?.processes ?? 0);
        return { ...each, processes, otherwise: processes > 0 ? '' : each.otherwise };
      }),
      struck: sum(total.struck, part.struck),
      spawned: sum(total.spawned, part.spawned),
      unawaitedSleepMs: Math.max(total.unawaitedSleepMs, part.unawaitedSleepMs),
      marked: sum(total.marked ?? {}, part.marked ?? {}),
      missingFolders: sum(total.missingFolders ?? {}, part.missingFolders ?? {}),
      ...((total.asked ?? part.asked) !== undefined && { asked: sum(total.asked ?? {}, part.asked ?? {}) }),
      survivors: widest(total.survivors, part.survivors),
    }),
    first,
  );
}

/** Descriptions of what a search has not observed. Complete coverage has no gaps. */
export interface Gaps {
  /** Parts of the scenario that were in no run. */
  readonly omitted: readonly string[];
  /** Invariants whose requirement was met in no run. */
  readonly unexercised: readonly string[];
  /** The names of the `sometimes` that were reached in no run. */
  readonly unreached: readonly string[];
  /** The programs of which no process asked the machine for anything. */
  readonly idle?: readonly string[] | undefined;
  /** What explains the gaps: marks that were in no run, and folders that do not exist. */
  readonly causes?: readonly string[] | undefined;
}

/** @param runs the number of runs */
export function gapsOf(
  { sometimes, exercised, started, marked = {}, missingFolders = {}, asked = {} }: Coverage,
  runs: number,
): Gaps {
  const none = `in none of ${runs} ${runs === 1 ? 'run' : 'runs'}`;
  return {
    omitted: started
      .filter(({ processes }) => processes === 0)
      .map(({ start, otherwise }) => `${start} started ${none}: ${otherwise}`),
    unexercised: exercised
      .filter((each) => each.runs === 0 && !each.optional)
      .map(({ invariant, requires }) => `"${invariant}" (${none} ${requires})`),
    unreached: namesOfNone(sometimes),
    idle: namesOfNone(asked),
    causes: [...describeUnmarked(marked), ...describeMissingFolders(Object.keys(missingFolders))],
  };
}

/** The gaps as the reason of a verdict; `null` if there are none. */
export function describeGaps({
  omitted,
  unexercised,
  unreached,
  idle = [],
  causes = [],
}: Gaps): string | null {
  const parts = [
    ...(unreached.length > 0 ? [`never reached: ${unreached.join(', ')}`] : []),
    ...(unexercised.length > 0 ? [`never exercised: ${unexercised.join(', ')}`] : []),
    ...(unreached.length + unexercised.length > 0 ? causes : []),
    ...idle.map(
      (name) =>
        `${name} did nothing: its file asked for no file, socket, process or timer, so there is nothing to judge; name a file that does something when node runs it`,
    ),
    ...(omitted.length > 0 ? [`never run: ${omitted.join('; ')}`] : []),
  ];
  return parts.length === 0 ? null : parts.join('. ');
}

function widest(one: Coverage['survivors'], other: Coverage['survivors']): Coverage['survivors'] {
  if (one === undefined || other === undefined) return one ?? other;
  return { least: Math.min(one.least, other.least), most: Math.max(one.most, other.most) };
}

function labelOf({ program, argv = [] }: Start): string {
  return [program, ...argv].join(' ');
}

function whyNotBegun({ faultsForMs, settleMs }: Scenario, { atMs = 0, phase, parent }: Start): string {
  const startsAtMs = atMs + (phase === 'settle' ? faultsForMs : 0);
  const endsAtMs = faultsForMs + settleMs;
  if (startsAtMs > endsAtMs) return `it is due at ${startsAtMs} ms, and runs end at ${endsAtMs} ms`;
  if (parent !== undefined) return `its parent ${JSON.stringify(parent)} had ended each time`;
  return 'runs ended before it was due';
}

function namesOfNone(counts: Readonly<Record<string, number>>): string[] {
  return Object.keys(counts).filter((name) => counts[name] === 0);
}

function sum(
  some: Readonly<Record<string, number>>,
  others: Readonly<Record<string, number>>,
): Record<string, number> {
  const total = new Map(Object.entries(some));
  for (const [name, count] of Object.entries(others)) increase(total, name, count);
  return Object.fromEntries(total);
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function longer<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return a.length >= b.length ? a : b;
}
