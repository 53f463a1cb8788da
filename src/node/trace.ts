import { openSync, writeSync } from 'node:fs';
import type { Operation, Outcome } from '../ports/index.ts';
import { monotonicMs } from './clock.ts';

/** One line of a trace: what an operation came to, at the moment its outcome was delivered. */
export interface TraceLine {
  /** When it was asked, on CLOCK_MONOTONIC: to be compared between all processes of one machine. */
  askedMs: number;
  /** When the outcome was delivered. The operation took effect at some moment between the two. */
  atMs: number;
  pid: number;
  op: Operation['op'];
  args: Readonly<Record<string, unknown>>;
  result?: unknown;
  /** The error's code. */
  error?: string;
}

/** Appends to a file that many processes share. */
export class Trace {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'a');
  }

  /**
   * One write(2) a line: with O_APPEND lines of several processes do not mix, and what is written stays when the
   * process is killed in the next instant.
   */
  append(askedMs: number, { op, ...args }: Operation, outcome: Outcome | null): void {
    const line: TraceLine = { askedMs, atMs: monotonicMs(), pid: process.pid, op, args };
    if (outcome !== null && 'error' in outcome) line.error = outcome.error.code;
    else if (outcome?.value !== undefined) line.result = outcome.value;
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
  }
}
