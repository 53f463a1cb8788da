/** What tests have the real side leave out once: the comparison must notice it. */
import type { Operation } from '../../ports/index.ts';
import type { LeftOut } from './plan.ts';

export class Sabotage {
  readonly #leaveOut: LeftOut | null;
  #isDone = false;

  constructor(leaveOut: LeftOut | null) {
    this.#leaveOut = leaveOut;
  }

  /** Something was left out, so that an operation may have no real result. */
  get isDone(): boolean {
    return this.#isDone;
  }

  leavesOut(kind: 'signals' | 'file-faults' | 'seen-files'): boolean {
    return this.#leaveOut === kind;
  }

  /** Whether the operation is not carried out at all. */
  skips({ op }: Operation): boolean {
    if (this.#leaveOut !== 'write' || op !== 'write' || this.#isDone) return false;
    this.#isDone = true;
    return true;
  }

  /** The operation, or another one in its place. */
  changed(operation: Operation): Operation {
    if (this.#isDone) return operation;
    if (this.#leaveOut === 'byte' && operation.op === 'write' && operation.data.length > 0) {
      this.#isDone = true;
      return { ...operation, data: `${operation.data.slice(0, -1)}\x07` };
    }
    if (this.#leaveOut === 'unlink' && operation.op === 'unlink') {
      this.#isDone = true;
      return { ...operation, path: `${operation.path}.other` };
    }
    return operation;
  }
}
