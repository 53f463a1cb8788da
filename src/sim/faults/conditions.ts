import type { ErrorCode, Operation, OperationName } from '../../ports/index.ts';
import { accesses } from '../base/accesses.ts';
import type { Restore } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import { isStream } from '../records/streams.ts';

/** Operations that fail for some time. */
export interface ErrorWindow {
  /** The affected process; `null` for all. */
  readonly process: SimProcess | null;
  readonly code: ErrorCode;
  readonly operations: ReadonlySet<OperationName>;
  /** How many more operations will fail. */
  left: number;
  readonly untilUs: number;
}

/** A delay of the next requests. */
export interface Delay {
  /** In milliseconds; Infinity if they are lost. */
  readonly byMs: number;
  left: number;
}

/** What a slow or lost request delays. */
const DELAYED: ReadonlySet<OperationName> = new Set(['request', 'connectStream']);

/** The cell of all conditions: each operation reads whether there are any. */
export const CONDITIONS = 'fault conditions';

/** Conditions that a nemesis has brought about, and that operations meet. A machine without a nemesis has none. */
export class FaultConditions {
  readonly #windows: ErrorWindow[] = [];
  #delay: Delay | null = null;
  /** The process whose next write is cut short. */
  #short: SimProcess | null = null;

  bring(window: ErrorWindow): void {
    this.#windows.push(window);
  }

  delayRequests(delay: Delay): void {
    this.#delay = delay;
  }

  shortenWrite(process: SimProcess): void {
    this.#short = process;
  }

  clear(): void {
    changes();
    this.#windows.length = 0;
    this.#delay = null;
    this.#short = null;
  }

  save(): Restore {
    const windows = this.#windows.map((window) => ({ window, left: window.left }));
    const delay = this.#delay;
    const delayLeft = delay?.left ?? 0;
    const short = this.#short;
    return () => {
      this.#windows.length = 0;
      for (const { window, left } of windows) {
        window.left = left;
        this.#windows.push(window);
      }
      this.#delay = delay;
      if (delay !== null) delay.left = delayLeft;
      this.#short = short;
    };
  }

  visit(into: StateVisitor): void {
    into.part(into.cells.of(CONDITIONS));
    for (const { process, code, left, untilUs } of this.#windows) {
      into.number(process?.index ?? -1);
      into.text(code);
      into.number(left);
      into.number(untilUs);
    }
    into.data(this.#delay === null ? null : [String(this.#delay.byMs), this.#delay.left]);
    into.number(this.#short?.index ?? -1);
  }

  /** The code with which an operation fails; `null` if it does not. The faults are those of files: streams do not meet them. */
  failureOf({ process, operation }: ParkedOperation, nowUs: number): ErrorCode | null {
    for (const window of this.#windows) {
      if (window.left <= 0 || nowUs > window.untilUs || !window.operations.has(operation.op)) continue;
      if (window.process !== null && window.process !== process) continue;
      if ('fd' in operation && isStream(process.fds.get(operation.fd))) continue;
      changes();
      window.left--;
      return window.code;
    }
    return null;
  }

  /** Replaces a write that is short by its first half, unless it has only one byte. */
  shortened({ process, operation }: ParkedOperation): Operation {
    if (process !== this.#short || operation.op !== 'write' || operation.data.length < 2) return operation;
    if (isStream(process.fds.get(operation.fd))) return operation;
    changes();
    this.#short = null;
    return { ...operation, data: operation.data.slice(0, operation.data.length >> 1) };
  }

  /** The delay of a request that is sent now, in milliseconds; Infinity if it is lost. */
  delayOf({ operation }: ParkedOperation): number {
    if (this.#delay === null || this.#delay.left <= 0 || !DELAYED.has(operation.op)) return 0;
    changes();
    this.#delay.left--;
    return this.#delay.byMs;
  }
}

function changes(): void {
  if (accesses !== null) accesses.update(accesses.cells.of(CONDITIONS));
}
