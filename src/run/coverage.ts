/**
 * What a search has observed of all that a scenario asks for: which starts began, which faults struck, which invariants
 * were exercised. A verdict rests on this: see `check.ts`.
 */

import { hasHappened, isMet } from '../scenario/invariant.ts';
import type { Scenario, Start } from '../scenario/options.ts';
import { plannedFaults } from '../scenario/planned-faults.ts';
import { longestSleepBeyondEnd } from './horizon.ts';
import type { Run } from './run.ts';

/** Counts over all runs of a search. Plain data. */
export interface Coverage {
  /** By name, how many runs reached each `sometimes`. */
  readonly sometimes: Readonly<Record<string, number>>;
  /** For each invariant that requires something, how many runs met that. */
  readonly exercised: readonly Exercise[];
  /** For each entry of `start`, how many processes it has begun. */
  readonly started: readonly Beginning[];
  /** By name, how often each fault struck, for those that may. */
  readonly struck: Readonly<Record<string, number>>;
  /** By program that no entry of `start` names, how many processes of it the programs have spawned. */
  readonly spawned: Readonly<Record<string, number>>;
  /** The longest sleep that a run has not waited for, in simulated milliseconds; 0: none. See `longestSleepBeyondEnd`. */
  readonly unawaitedSleepMs: number;
}

/** How many runs exercised an invariant that requires something. Plain data. */
export interface Exercise {
  readonly invariant: string;
  /** What it requires, in words. */
  readonly requires: string;
  /** Whether the check can pass without: see `ifExercised`. */
  readonly optional: boolean;
  readonly runs: number;
}

/** How many processes an entry of a scenario's `start` has begun, over all runs. Plain data. */
export interface Beginning {
  /** The program, its arguments, and which entry of the scenario's `start` it is. */
  readonly start: string;
  readonly processes: number;
  /** If there are none, why; else empty. */
  readonly otherwise: string;
}

/** Of no run at all. */
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
  /** Of processes that were seen, by name, the program if it is counted. */
  readonly #programs = new Map<string, string | null>();
  #unawaitedSleepMs = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    for (const invariant of scenario.invariants) {
      if (invariant.kind === 'sometimes') this.#sometimes.set(invariant.name, 0);
      else if (invariant.requires) this.#exercised.set(invariant.name, 0);
    }
    this.#started = scenario.start.map(() => 0);
    const named = new Set(scenario.start.map(({ program }) => program));
    for (const program of scenario.programs.keys()) if (!named.has(program)) this.#spawned.set(program, 0);
    for (const name of plannedFaults(scenario)) this.#struck.set(name, 0);
  }

  /** A run is over. */
  add(run: Run): void {
    for (const invariant of this.#scenario.invariants) {
      if (invariant.kind === 'sometimes') {
        if (hasHappened(invariant, run.world)) increase(this.#sometimes, invariant.name, 1);
      } else if (invariant.requires && isMet(invariant, run.world))
        increase(this.#exercised, invariant.name, 1);
    }
    for (const [entry, begun] of run.started.entries()) this.#started[entry]! += begun;
    for (const [name, count] of run.strikes()) increase(this.#struck, name, count);
    if (this.#spawned.size > 0) this.#countSpawned(run);
    this.#unawaitedSleepMs = Math.max(this.#unawaitedSleepMs, longestSleepBeyondEnd(run));
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
    };
  }
}

/** The coverage of several searches of one scenario, as of one. */
export function mergeCoverage([first, ...others]: readonly [Coverage, ...Coverage[]]): Coverage {
  return others.reduce<Coverage>(
    (total, part) => ({
      sometimes: sum(total.sometimes, part.sometimes),
      exercised: total.exercised.map((each, i) => ({
        ...each,
        runs: each.runs + (part.exercised[i]?.runs ?? 0),
      })),
      started: total.started.map((each, i) => {
        const processes = each.processes + (part.started[i]?.processes ?? 0);
        return { ...each, processes, otherwise: processes > 0 ? '' : each.otherwise };
      }),
      struck: sum(total.struck, part.struck),
      spawned: sum(total.spawned, part.spawned),
      unawaitedSleepMs: Math.max(total.unawaitedSleepMs, part.unawaitedSleepMs),
    }),
    first,
  );
}

/** What a search has not observed, in words. All empty: it has observed all that the scenario asks for. */
export interface Gaps {
  /** Parts of the scenario that no run had. */
  readonly omitted: readonly string[];
  /** Invariants whose requirement no run met. */
  readonly unexercised: readonly string[];
  /** The names of the `sometimes` that no run reached. */
  readonly unreached: readonly string[];
}

/** @param runs how many runs the coverage is of */
export function gapsOf({ sometimes, exercised, started }: Coverage, runs: number): Gaps {
  const none = `in none of ${runs} ${runs === 1 ? 'run' : 'runs'}`;
  return {
    omitted: started
      .filter(({ processes }) => processes === 0)
      .map(({ start, otherwise }) => `${start} began ${none}: ${otherwise}`),
    unexercised: exercised
      .filter((each) => each.runs === 0 && !each.optional)
      .map(({ invariant, requires }) => `"${invariant}" (${none} ${requires})`),
    unreached: namesOfNone(sometimes),
  };
}

/** The gaps as the reason of a verdict; null: there is none. */
export function describeGaps({ omitted, unexercised, unreached }: Gaps): string | null {
  const parts = [
    ...(unreached.length > 0 ? [`never reached: ${unreached.join(', ')}`] : []),
    ...(unexercised.length > 0 ? [`never exercised: ${unexercised.join(', ')}`] : []),
    ...(omitted.length > 0 ? [`never run: ${omitted.join('; ')}`] : []),
  ];
  return parts.length === 0 ? null : parts.join('. ');
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
