/** What the storm asks a round process to do, and what it answers: plain data on its standard input and output. */
import type { Endpoint, KnownOwner } from '../judge/index.ts';
import type { Isolation } from './faults.ts';
import type { EpisodePlan } from './plan.ts';

/** Of a round process. */
export interface Setting {
  /** The folder of the storm. */
  readonly directory: string;
  /** The secret word in the environment of all that is started. */
  readonly word: string;
  /** The command, as given. */
  readonly words: readonly string[];
  readonly cwd: string;
  /** What is there before anything is started. */
  readonly isolation: Isolation;
  /** Brings up the loopback interface. */
  readonly loopback: readonly string[] | null;
  readonly canPin: boolean;
  /** Whether calls can be delayed. */
  readonly canDelay: boolean;
  /** For how long it settles at most, in milliseconds. */
  readonly settleMs: number;
}

/** The command is started alone, is killed, and is started again: how it is when nothing disturbs it. */
export interface BaselineOrder extends Setting {
  readonly kind: 'baseline';
  /** As the user says it is known. */
  readonly owner: KnownOwner | null;
}

/** How the command is when nothing disturbs it, and what is expected of it. */
export interface Expected {
  readonly owner: KnownOwner | null;
  readonly pidFile: string | null;
  readonly expect: number;
  /** How long one start takes, in milliseconds. */
  readonly startupMs: number;
  /** The files that its races are about. */
  readonly paths: readonly string[];
}

export interface EpisodeOrder extends Setting, Expected {
  readonly kind: 'episode';
  readonly plan: EpisodePlan;
  /** Whether any fault may strike, and whether one may strike files: of the whole storm. */
  readonly faults: { readonly any: boolean; readonly ofFiles: boolean };
  /** Where files are lost and torn; `null`: wherever the command writes. */
  readonly stateDir: string | null;
  readonly faketime: string | null;
  /** Whether to ask what is left to end at last, by SIGTERM. */
  readonly asksToEnd: boolean;
}

export type Order = BaselineOrder | EpisodeOrder;

/** What is seen of one start that is left alone. */
export interface Alone {
  readonly survivors: number;
  /** Whether there was an owner, if it is known how one is known. */
  readonly hasOwner: boolean;
  readonly endpoints: readonly Endpoint[];
  readonly pidFiles: readonly string[];
  readonly files: readonly string[];
  readonly printed: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** When anything changed last, in milliseconds since it was started. */
  readonly settledMs: number;
}

export interface BaselineResult {
  readonly first: Alone;
  /** Of another start, after the first one was killed. */
  readonly second: Alone | null;
  /** Folders in which files are not the round's own although they were to be. */
  readonly shared: readonly string[];
  readonly hasFiles: boolean;
}

export interface EpisodeResult {
  readonly violations: readonly { readonly invariant: string; readonly detail: string }[];
  /** How many were left, each time the round had settled. */
  readonly survivors: readonly number[];
  /** How often each fault struck. */
  readonly struck: Readonly<Record<string, number>>;
  /** The invariants that meant something. */
  readonly exercised: readonly string[];
  readonly notes: readonly string[];
  readonly timeline: readonly string[];
  /** How long it took at most until a new start had recovered after a fault, in milliseconds; `null` if there was none. */
  readonly recoveredMs: number | null;
  readonly interrupted: boolean;
}

/** A line of the standard output of a round process. */
export type Answer =
  | { readonly baseline: BaselineResult }
  | { readonly episode: EpisodeResult }
  | { readonly failed: string };
