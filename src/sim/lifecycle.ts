import { type Program, portsOf, type Signal } from '../ports/index.ts';
import type { SimMachine } from './machine.ts';
import { closeListener, isListener, resetRequests } from './operations/sockets.ts';
import type { SimProcess } from './process.ts';

/** Runs a program as a process: its result is the exit code, its exception the end. */
export function begin(machine: SimMachine, process: SimProcess, program: Program): void {
  const exit = (code: unknown): void => {
    machine.seam.execute(process, { op: 'exit', code: typeof code === 'number' ? code : 0 }, ignore, ignore);
  };
  const crash = (error: unknown): void => machine.crash(process, error);
  try {
    Promise.resolve(program(portsOf(machine.seam, process), process.command.slice(1))).then(exit, crash);
  } catch (error) {
    crash(error);
  }
}

/** The process is no more; what it held is let go; its parent may reap it. */
export function end(
  machine: SimMachine,
  process: SimProcess,
  code: number | null,
  signal: Signal | null,
): void {
  process.state = 'zombie';
  process.exitCode = code;
  process.exitSignal = signal;
  process.runnable.length = 0;
  machine.scheduler.remove(process);
  letGo(machine, process);
  orphanChildren(machine, process);
  const { parent } = process;
  if (parent === null || parent.program === null || !parent.alive) machine.table.reap(process);
  else wakeParent(parent, process);
}

function letGo(machine: SimMachine, process: SimProcess): void {
  for (const description of process.fds.values()) {
    if (isListener(description)) closeListener(machine, process, description, 'abrupt');
    else machine.fs.closeDescription(description);
  }
  process.fds.clear();
  resetRequests(process);
}

/** PID 1 adopts the children, and reaps those that have ended. */
function orphanChildren(machine: SimMachine, process: SimProcess): void {
  for (const child of process.children ?? []) {
    child.parent = null;
    if (child.state === 'zombie') machine.table.reap(child);
  }
  process.children = null;
}

function wakeParent(parent: SimProcess, child: SimProcess): void {
  for (const wait of parent.waits?.splice(0) ?? []) {
    if (wait.operation.pid === child.pid) wait.wake();
    else parent.waits!.push(wait);
  }
}

const ignore = (): void => {};
