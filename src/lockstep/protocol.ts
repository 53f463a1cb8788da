/** What the coordinator and the real processes say to each other: one JSON document in each line. */
import type { ErrorCode, MarkData, Operation } from '../ports/index.ts';
import type { Identity } from './script.ts';

export type { Identity };

/** The environment variable by which a process knows that it follows a schedule: {@link Assignment} as JSON. */
export const ASSIGNMENT_VARIABLE = 'ONE_SURVIVOR_LOCKSTEP';

/** Which program a real process runs, and where its coordinator is. */
export interface Assignment {
  /** The path of the coordinator's Unix socket. */
  readonly control: string;
  /** The module that exports the scenario. */
  readonly url: string;
  readonly scenario: string;
}

export type Outcome = { readonly value: unknown } | { readonly code: ErrorCode; readonly message?: string };

/** Of the coordinator. */
export type Order =
  | { readonly kind: 'begin'; readonly identity: Identity }
  /** Carry out an operation, with real names. `ordinal` as the program asked. */
  | { readonly kind: 'perform'; readonly ordinal: number; readonly operation: Operation }
  /** Give the program this result. */
  | { readonly kind: 'deliver'; readonly ordinal: number; readonly outcome: Outcome }
  | { readonly kind: 'abandon'; readonly ordinal: number }
  /** The value of a clock, or random digits. */
  | { readonly kind: 'value'; readonly value: number | string }
  /** Stand still until `release`, so that no child is reaped. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'release' }
  /** Its program has crashed. */
  | { readonly kind: 'die'; readonly code: number }
  /** Start a child, which its program knows nothing of. */
  | { readonly kind: 'spawn'; readonly command: readonly string[]; readonly uid: number | null };

/** What a program does that the coordinator compares with the simulation. */
export type Deed =
  | { readonly kind: 'ask'; readonly ordinal: number; readonly operation: Operation; readonly now?: true }
  | { readonly kind: 'cancel'; readonly ordinal: number }
  | { readonly kind: 'mark'; readonly name: string; readonly data: MarkData }
  | { readonly kind: 'look'; readonly at: string }
  | { readonly kind: 'crash'; readonly message: string };

/** Of a process. */
export type Message =
  | { readonly kind: 'hello'; readonly pid: number; readonly pidNamespace: string }
  /** Its program has nothing left to do until it gets a result. */
  | { readonly kind: 'rest'; readonly deeds: readonly Deed[] }
  | { readonly kind: 'outcome'; readonly ordinal: number; readonly outcome: Outcome }
  /** A request has been handed to the operating system. */
  | { readonly kind: 'sent'; readonly ordinal: number }
  /** A listener of this process has received a request. */
  | { readonly kind: 'arrival' }
  | { readonly kind: 'held' }
  | { readonly kind: 'spawned'; readonly pid: number };

/** Cuts text into lines. */
export class Lines<T> {
  #rest = '';

  /** The messages that are complete by now. */
  add(text: string): T[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    return lines.map((line) => JSON.parse(line) as T);
  }
}

export function lineOf(message: Message | Order): string {
  return `${JSON.stringify(message)}\n`;
}
