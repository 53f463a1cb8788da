import type { ErrorCode, Operation, OperationName } from '../../ports/index.ts';
import type { StateHasher } from '../kernel/digest.ts';
import type { ParkedOperation, SimProcess } from '../kernel/process.ts';
import type { Restore } from '../kernel/snapshot.ts';

/** A spell of operations that fail. */
export interface ErrorWindow {
  /** Whose; null: everybody's. */
  readonly process: SimProcess | null;
  readonly code: ErrorCode;
  readonly operations: ReadonlySet<OperationName>;
  /** How many more operations it fails. */
  left: number;
  readonly untilUs: number;
}

/** What becomes of the next requests. */
export interface Delay {
  /** Infinity: they are lost. */
  readonly byMs: number;
  left: number;
}

/** Conditions that a nemesis has brought about, and that operations meet. A machine without a nemesis has none. */
export class FaultConditions {
  readonly #spells: ErrorWindow[] = [];
  #delay: Delay | null = null;
  /** Whose next write falls short. */
  #short: SimProcess | null = null;

  bring(spell: ErrorWindow): void {
    this.#spells.push(spell);
  }

  delayRequests(delay: Delay): void {
    this.#delay = delay;
  }

  shortenWrite(process: SimProcess): void {
    this.#short = process;
  }

  clear(): void {
    this.#spells.length = 0;
    this.#delay = null;
    this.#short = null;
  }

  save(): Restore {
    const spells = this.#spells.map((spell) => ({ spell, left: spell.left }));
    const delay = this.#delay;
    const delayLeft = delay?.left ?? 0;
    const short = this.#short;
    return () => {
      this.#spells.length = 0;
      for (const { spell, left } of spells) {
        spell.left = left;
        this.#spells.push(spell);
      }
      this.#delay = delay;
      if (delay !== null) delay.left = delayLeft;
      this.#short = short;
    };
  }

  digest(digest: StateHasher): void {
    for (const { process, code, left, untilUs } of this.#spells) {
      digest.number(process?.index ?? -1);
      digest.text(code);
      digest.number(left);
      digest.number(untilUs);
    }
    digest.data(this.#delay === null ? null : [String(this.#delay.byMs), this.#delay.left]);
    digest.number(this.#short?.index ?? -1);
  }

  /** The code that an operation fails with; null: it does not. */
  failureOf({ process, operation }: ParkedOperation, nowUs: number): ErrorCode | null {
    for (const spell of this.#spells) {
      if (spell.left <= 0 || nowUs > spell.untilUs || !spell.operations.has(operation.op)) continue;
      if (spell.process !== null && spell.process !== process) continue;
      spell.left--;
      return spell.code;
    }
    return null;
  }

  /** What is done instead of an operation: a write that falls short does its first half. One byte is not divided. */
  shortened({ process, operation }: ParkedOperation): Operation {
    if (process !== this.#short || operation.op !== 'write' || operation.data.length < 2) return operation;
    this.#short = null;
    return { ...operation, data: operation.data.slice(0, operation.data.length >> 1) };
  }

  /** By how much a request that is being sent now is late, in milliseconds; Infinity: it is lost; 0: it is not. */
  delayOf({ operation }: ParkedOperation): number {
    if (this.#delay === null || this.#delay.left <= 0 || operation.op !== 'request') return 0;
    this.#delay.left--;
    return this.#delay.byMs;
  }
}
