/**
 * What a program has learned, in order: with it, the program can be run again from its start up to where it was. A process is a function
 * from the results that it has seen to its next operation.
 */
import { type Operation, type Reject, type Resolve, SystemError } from '../ports/index.ts';

export type Entry =
  /** The result of an operation that it had asked for, by number. */
  | { readonly kind: 'result'; readonly number: number; readonly outcome: Outcome }
  /** The result of a synchronous call. */
  | { readonly kind: 'call'; readonly operation: Operation; readonly outcome: Outcome }
  /** A clock, random digits, the PID of its parent. */
  | { readonly kind: 'read'; readonly value: unknown };

export type Outcome = { readonly value: unknown } | { readonly error: SystemError };

/** The callbacks of an operation. */
export function outcomeOf(learn: (outcome: Outcome) => void): [Resolve, Reject] {
  return [(value) => learn({ value }), (error) => learn({ error })];
}

/** A copy of what a program may change: a list, an object, an error if its operation is given. */
export function kept(outcome: Outcome, operation: Operation | null = null): Outcome {
  if ('error' in outcome)
    return operation === null ? outcome : { error: new SystemError(outcome.error.code, operation) };
  const { value } = outcome;
  if (typeof value !== 'object' || value === null) return outcome;
  return { value: copied(value) };
}

/** A deep copy of plain data: much faster than `structuredClone`. */
export function copied<T>(data: T): T {
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map(copied) as T;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(data)) copy[name] = copied((data as Record<string, unknown>)[name]);
  return copy as T;
}

/** A program that is run again has asked for something else than before. */
export class DepartureError extends Error {
  override readonly name = 'DepartureError';
}

/** The entries of a process, and how far an instance of its program has been fed with them. */
export class History {
  readonly #entries: Entry[] = [];
  #at = 0;

  /** Whether the program is at the point at which it was interrupted, or has never been. */
  get isLive(): boolean {
    return this.#at === this.#entries.length;
  }

  /** The program is about to be run again from its start. */
  rewind(): void {
    this.#at = 0;
  }

  /** Something new that the program learns at this moment. */
  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#at = this.#entries.length;
  }

  /** The next entry, if it is the result of an operation; the others are fetched by the program. */
  nextResult(): Extract<Entry, { kind: 'result' }> | null {
    const entry = this.#entries[this.#at];
    if (entry === undefined || entry.kind !== 'result') return null;
    this.#at++;
    return entry;
  }

  /** @throws DepartureError if the program had not made this call here */
  call(operation: Operation): Outcome {
    const entry = this.#entries[this.#at];
    if (entry?.kind !== 'call' || !isSame(entry.operation, operation))
      throw new DepartureError(`${shown(entry)} before, and now ${callName(operation)}`);
    this.#at++;
    return kept(entry.outcome, operation);
  }

  /** @throws DepartureError if the program had not read anything here */
  read(): unknown {
    const entry = this.#entries[this.#at];
    if (entry?.kind !== 'read')
      throw new DepartureError(`${shown(entry)} before, and now a clock or a random number`);
    this.#at++;
    return entry.value;
  }

  /** What comes next: for a message about a program that does not ask for it. */
  get shownNext(): string {
    return shown(this.#entries[this.#at]);
  }
}

/** What the program asks for; data are compared too. */
export function isSame(before: Operation, now: Operation): boolean {
  return before === now || textOf(before) === textOf(now);
}

/** For example `open /state/lock`. */
export function callName(operation: Operation): string {
  const { path, from } = operation as { path?: unknown; from?: unknown };
  const of = path ?? from;
  return typeof of === 'string' ? `${operation.op} ${of}` : operation.op;
}

function shown(entry: Entry | undefined): string {
  if (entry === undefined) return 'nothing';
  if (entry.kind === 'call') return callName(entry.operation);
  return entry.kind === 'read' ? 'a clock or a random number' : 'the end of this code';
}

function textOf(operation: Operation): string {
  return JSON.stringify(operation, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
