import {
  type ExitStatus,
  type Machine,
  type Operation,
  type Pending,
  type Reject,
  type Resolve,
  SystemError,
} from '../../src/ports/index.ts';
import type { SimProcess } from '../../src/sim/index.ts';

/**
 * What Node adds to Linux, for the simulated side of the comparison: it waits for each child at once and keeps the status
 * until a program asks for it. Without it a child that has ended is a zombie until it is waited for.
 */
export class NodeLike implements Machine<SimProcess> {
  readonly #machine: Machine<SimProcess>;
  readonly #children = new Map<SimProcess, Map<number, Child>>();

  constructor(machine: Machine<SimProcess>) {
    this.#machine = machine;
  }

  execute(process: SimProcess, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    if (operation.op === 'spawn') {
      const started = (pid: number): void => {
        this.#waits(process, pid);
        resolve(pid);
      };
      return this.#machine.execute(process, operation, started, reject);
    }
    if (operation.op === 'wait') {
      const { pid } = operation;
      const child = this.#children.get(process)?.get(pid);
      if (child !== undefined) {
        child.askers.push({ resolve, reject: () => reject(new SystemError('ECHILD', operation)) });
        if (child.status !== null) this.#collect(process, pid, child);
        return { cancel: () => {} };
      }
    }
    return this.#machine.execute(process, operation, resolve, reject);
  }

  #waits(process: SimProcess, pid: number): void {
    const child: Child = { status: null, askers: [] };
    let children = this.#children.get(process);
    if (children === undefined) {
      children = new Map();
      this.#children.set(process, children);
    }
    children.set(pid, child);
    const ended = (status: ExitStatus): void => {
      child.status = status;
      if (child.askers.length > 0) this.#collect(process, pid, child);
    };
    this.#machine.execute(process, { op: 'wait', pid }, ended, () => {});
  }

  /** One caller gets the status. */
  #collect(process: SimProcess, pid: number, child: Child): void {
    const children = this.#children.get(process)!;
    if (children.get(pid) === child) children.delete(pid);
    const [first, ...others] = child.askers.splice(0);
    first?.resolve(child.status);
    for (const { reject } of others) reject();
  }
}

interface Child {
  status: ExitStatus | null;
  readonly askers: { readonly resolve: Resolve; readonly reject: () => void }[];
}
