/** The report of `simulate` and `storm`: a command was started several times and harassed, and what is left was judged. Plain data. */
import { EXIT } from '../exit-codes.ts';
import type { Evidence } from '../report.ts';

/** `refused`: the command asks for something that cannot be done here. */
export type DaemonVerdict = 'passed' | 'violated' | 'inconclusive' | 'nondeterministic' | 'refused';

export interface DaemonViolation {
  readonly invariant: string;
  /** In which round it was seen first, counted from 1; a round of `simulate` is a run. */
  readonly round: number;
  /** What is wrong. */
  readonly detail: string;
  /** Replays it, if it was simulated. */
  readonly token?: string | undefined;
}

/** What was judged, and in how many rounds it meant something. */
export interface Judged {
  readonly invariant: string;
  /** What a round must have for it to mean something. */
  readonly requires: string;
  readonly rounds: number;
  /** Whether the verdict can be `passed` without. */
  readonly optional: boolean;
}

/** A round of a storm. */
export interface StormRound {
  /** Counted from 1. */
  readonly round: number;
  /** The fewest and the most that were left each time it had settled; `null` if it never had. */
  readonly survivors: { readonly min: number; readonly max: number } | null;
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** The invariants that were violated. */
  readonly violated: readonly string[];
  /** How long it took at most until there was an owner again after a fault, in milliseconds; `null` if no fault struck. */
  readonly recoveredMs: number | null;
  readonly seconds: number;
}

/** What only a storm has. */
export interface StormFacts {
  /** What each round has of its own. */
  readonly isolation: string;
  /** What it does not have, and why. */
  readonly notIsolated: readonly string[];
  /** What was to happen, for each round in its parts: the same seed gives the same. */
  readonly plan: readonly (readonly string[])[];
  readonly rounds: readonly StormRound[];
  /** The worst round, and what happened in it. */
  readonly worst: { readonly round: number; readonly timeline: readonly string[] } | null;
}

export interface DaemonReport {
  /** `simulate` or `storm`. */
  readonly by: 'simulate' | 'storm';
  readonly version: string;
  readonly node: string;
  readonly seed: number;
  /** The words of the command. */
  readonly command: readonly string[];
  readonly verdict: DaemonVerdict;
  /** Why it is neither `passed` nor `violated`. */
  readonly reason: string | null;
  readonly rounds: number;
  /** How many are started at once. */
  readonly starts: number;
  /** The fewest and the most processes that were left at the end of a round; `null` if no round came to its end. */
  readonly survivors: { readonly min: number; readonly max: number } | null;
  /** How many were to be left. */
  readonly expect: number;
  /** How an owner is known, and how that was found out; `null` if it is not known. */
  readonly owner: { readonly known: string; readonly from: string } | null;
  readonly violations: readonly DaemonViolation[];
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  readonly judged: readonly Judged[];
  /** What was not judged, and why. */
  readonly notJudged: readonly string[];
  /** What could hide a violation. */
  readonly assumed: readonly string[];
  /** What the programs used that the simulation only approximates, and how. */
  readonly approximated: readonly string[];
  /** What the programs asked for that the simulation does not have, also if they went on without. */
  readonly refused: readonly string[];
  readonly notes: readonly string[];
  readonly seconds: number;
  /** The scenario of `simulate`. */
  readonly scenario: string | null;
  /** The file that `--write` has written. */
  readonly written: string | null;
  readonly interrupted: boolean;
  /** `null` for `simulate`. */
  readonly storm: StormFacts | null;
}

/** What is shown beside it. */
export interface DaemonDetails {
  /** The run that shows the violation, and its size in words. */
  readonly evidence: Evidence | null;
  readonly size: string | null;
  /** The command that shows it again. */
  readonly again: string | null;
}

export function exitCodeOfDaemon({ verdict, interrupted }: DaemonReport): number {
  if (interrupted) return EXIT.interrupted;
  switch (verdict) {
    case 'passed':
      return EXIT.ok;
    case 'violated':
      return EXIT.violated;
    case 'refused':
      return EXIT.usage;
    default:
      return EXIT[verdict];
  }
}
