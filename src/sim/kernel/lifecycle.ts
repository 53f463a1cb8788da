import { type Program, portsOf, type Signal } from '../../ports/index.ts';
import { closeListener, isListener } from '../syscalls/listeners.ts';
import { resetRequests } from '../syscalls/sockets.ts';
import type { StateHasher } from './digest.ts';
import type { SimMachine } from './machine.ts';
import type { SimProcess } from './process.ts';
import { notifyParent } from './signals.ts';
import type { Due } from './timer-heap.ts';

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
  const lingersUs = signal === null ? 0 : machine.lingersUs();
  if (lingersUs === 0) {
    finishExit(machine, process);
  } else {
    process.lingering = true;
    machine.timers.set(machine.nowUs + lingersUs, new Leaving(machine, process));
  }
}

/** The last of an ended process goes. */
class Leaving implements Due {
  readonly #machine: SimMachine;
  readonly #process: SimProcess;

  constructor(machine: SimMachine, process: SimProcess) {
    this.#machine = machine;
    this.#process = process;
  }

  fire(): void {
    if (!this.#process.lingering) return;
    this.#process.lingering = false;
    finishExit(this.#machine, this.#process);
  }

  digest(digest: StateHasher): void {
    digest.text('leave');
    digest.number(this.#process.index);
  }
}

function finishExit(machine: SimMachine, process: SimProcess): void {
  releaseResources(machine, process);
  if (process.isInit) endNamespace(machine, process);
  orphanChildren(machine, process);
  notifyParent(machine, process);
  const { parent } = process;
  if (parent === null || parent.program === null || !parent.alive) machine.table.reap(process);
  else if (process.adopted ? parent.reaps : process.unawaited) machine.table.reap(process);
  // A zombie until its parent waits for it.
  else if (!process.adopted) wakeParent(parent, process);
}

/** Closes all that a process has open. */
export function releaseResources(machine: SimMachine, process: SimProcess): void {
  process.lingering = false;
  for (const description of process.fds.values()) {
    if (isListener(description)) closeListener(machine, process, description, 'abrupt');
    else machine.fs.closeDescription(description);
  }
  process.fds.clear();
  resetRequests(process);
}

/** The container is gone with its first process: Linux sends SIGKILL to all the others. */
function endNamespace(machine: SimMachine, init: SimProcess): void {
  for (const process of machine.table.everybody()) {
    if (process.pidNamespace === init.pidNamespace && process.alive) machine.end(process, null, 'SIGKILL');
  }
}

/** The nearest subreaper adopts the children, else PID 1. That of the machine, and whoever {@link SimProcess.reaps}, reaps those that end. */
function orphanChildren(machine: SimMachine, process: SimProcess): void {
  const { children } = process;
  if (children === null) return;
  process.children = null;
  const heir = subreaperAbove(process) ?? initOf(machine, process);
  for (const child of children) {
    child.parent = heir;
    if (heir !== null) {
      child.adopted = true;
      heir.children ??= [];
      heir.children.push(child);
    }
    if (child.state !== 'zombie' || child.lingering) continue;
    if (heir === null || heir.reaps) machine.table.reap(child);
  }
}

/** Whose parent has ended is somebody else's child by then, so everybody above is alive. */
function subreaperAbove({ parent, pidNamespace }: SimProcess): SimProcess | null {
  for (let at = parent; at?.pidNamespace === pidNamespace; at = at.parent) {
    if (at.subreaper && at.alive) return at;
  }
  return null;
}

/** Null: it is none of the run's processes. */
function initOf(machine: SimMachine, { pidNamespace }: SimProcess): SimProcess | null {
  const init = machine.table.get(1, pidNamespace);
  return init?.alive ? init : null;
}

function wakeParent(parent: SimProcess, child: SimProcess): void {
  for (const wait of parent.waits?.splice(0) ?? []) {
    if (wait.operation.pid !== child.pid) parent.waits!.push(wait);
    else wait.wake();
  }
}

const ignore = (): void => {};
