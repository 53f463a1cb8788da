/** Records what programs ask of the simulated machine, at the places where it answers them. */
import type { Operation, OperationName, Pending, Reject, Resolve } from '../../ports/index.ts';
import type { ParkedOperation, SimMachine, SimProcess } from '../../sim/index.ts';
import { plain } from '../script.ts';
import type { Happening } from './happenings.ts';

/** What is done with what is seen. */
export interface Recording {
  record(event: Happening): unknown;
  /** Called before anything that a process does: it may be the first. */
  begins(process: SimProcess): void;
  /** Called for a call that stands in the midst of a program's code and was not preempted. */
  blocks(op: OperationName): void;
}

/** What a program asks for, withdraws and looks at passes here. */
export function watchAsking(machine: SimMachine, { record, begins, blocks }: Recording): void {
  let isNow = false;
  const asNow = <T>(act: () => T): T => {
    isNow = true;
    try {
      return act();
    } finally {
      isNow = false;
    }
  };
  const execute = machine.execute.bind(machine);
  machine.execute = (
    process: SimProcess,
    operation: Operation,
    resolve: Resolve,
    reject: Reject,
  ): Pending => {
    if (!process.alive) return execute(process, operation, resolve, reject);
    begins(process);
    const { name } = process;
    const ordinal = process.asked;
    if (operation.op === 'mark')
      record({
        kind: 'mark',
        process: name,
        name: operation.name,
        data: plain(operation.data),
      } as Happening);
    else {
      const now = isNow && ({ now: true } as const);
      record({ kind: 'ask', process: name, ordinal, operation: plain(operation), ...now });
    }
    const pending = execute(process, operation, resolve, reject) as ParkedOperation;
    const cancel = pending.cancel.bind(pending);
    pending.cancel = () => {
      if (process.alive && pending.state !== 'settled') record({ kind: 'cancel', process: name, ordinal });
      cancel();
    };
    return pending;
  };
  watchSynchronous(machine, asNow, blocks);
  const readClock = machine.readClock.bind(machine);
  machine.readClock = (process, which) => {
    begins(process);
    const value = readClock(process, which);
    record({ kind: 'look', process: process.name, at: which, value });
    return value;
  };
  const randomHex = machine.randomHex.bind(machine);
  machine.randomHex = (process, bytes) => {
    begins(process);
    const value = randomHex(process, bytes);
    record({ kind: 'look', process: process.name, at: `random ${bytes}`, value });
    return value;
  };
}

/** Calls for which a program waits in the midst of its code. */
function watchSynchronous(
  machine: SimMachine,
  asNow: <T>(act: () => T) => T,
  blocks: Recording['blocks'],
): void {
  const executeNow = machine.executeNow.bind(machine);
  machine.executeNow = (process, operation) => asNow(() => executeNow(process, operation));
  const preempts = machine.preempts.bind(machine);
  let isPreempted = false;
  machine.preempts = (process, operation) => {
    isPreempted = preempts(process, operation);
    return isPreempted;
  };
  const executeApart = machine.executeApart.bind(machine);
  machine.executeApart = (process, operation, resolve, reject) => {
    if (!isPreempted) blocks(operation.op);
    isPreempted = false;
    return asNow(() => executeApart(process, operation, resolve, reject));
  };
}
