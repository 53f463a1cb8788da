import { openSync, writeSync } from 'node:fs';
import type { Operation, Outcome } from '../ports/index.ts';
import { monotonicMs } from './clock.ts';

/** One line of a trace: an operation and its outcome, written when the outcome was delivered. */
export interface TraceLine {
  /** When it was requested, on CLOCK_MONOTONIC, which is comparable between all processes of a machine. */
  askedMs: number;
  /** When the outcome was delivered. The operation took effect at some moment between `askedMs` and `atMs`. */
  atMs: number;
  pid: number;
  op: Operation['op'];
  args: Readonly<Record<string, unknown>>;
  result?: unknown;
  /** The code of the error. */
  error?: string;
}

/** Appends to a file that many processes share. */
export class Trace {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'a');
  }

  /**
   * One write(2) per line: with O_APPEND, lines of different processes do not mix, and a line survives if the process is
   * killed immediately afterwards.
   */
  append(askedMs: number, { op, ...args }: Operation, outcome: Outcome | null): void {
    const line: TraceLine = { askedMs, atMs: monotonicMs(), pid: process.pid, op, args };
    if (outcome !== null && 'error' in outcome) line.error = outcome.error.code;
    else if (outcome?.value !== undefined) line.result = outcome.value;
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
  }
}
