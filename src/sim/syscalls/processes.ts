import type { ProcessInfo, Signal } from '../../ports/index.ts';
import { EAGAIN, EBADF, ECHILD, EINVAL, ENOENT, EPERM, type Errno, ESRCH } from '../kernel/errno.ts';
import { type Handlers, WAITS } from '../kernel/handler.ts';
import type { SimMachine } from '../kernel/machine.ts';
import type { SimProcess } from '../kernel/process.ts';
import { IGNORED_BY_NODE, signalsOf } from '../kernel/signals.ts';
import type { Description } from '../vfs/index.ts';
import { isListener } from './listeners.ts';

type ProcessOperations =
  | ('self' | 'processInfo' | 'listProcesses' | 'spawn' | 'wait')
  | ('kill' | 'sigaction' | 'sigwait' | 'setTitle' | 'exit');

const NOTHING: readonly number[] = [];
/** After standard input, output and error. */
const FIRST_INHERITED = 3;

/** The parent of all that nobody else is the parent of, where no process of the run bears its PID. It reaps them at once. */
const INIT: ProcessInfo = Object.freeze({
  pid: 1,
  ppid: 0,
  pgid: 1,
  sid: 1,
  uid: 0,
  startTicks: 0,
  state: 'running',
  command: Object.freeze(['/sbin/init']),
});

export const PROCESSES: Handlers<ProcessOperations> = {
  self: (machine, { process }) => ({
    pid: process.pid,
    ppid: parentPid(process),
    uid: process.uid,
    startTicks: process.startTicks,
    bootId: machine.bootId,
    pidNamespace: process.pidNamespace,
    hostname: process.hostname ?? machine.hostname,
  }),
  processInfo: (machine, { process: viewer }, { pid }) => {
    const process = machine.table.get(pid, viewer.pidNamespace);
    if (process === undefined) return pid === INIT.pid ? INIT : ESRCH;
    return infoOf(process);
  },
  listProcesses: (machine, { process }) => machine.table.pids(process.pidNamespace),
  spawn: (machine, { process }, { command, detached, inherit = NOTHING }) => {
    if (machine.table.full) return EAGAIN;
    for (const fd of inherit) if (!process.fds.has(fd)) return EBADF;
    const child = machine.spawn(command, { parent: process, detached });
    if (child === null) return ENOENT;
    for (const [at, fd] of inherit.entries()) share(child, FIRST_INHERITED + at, process.fds.get(fd)!);
    return child.pid;
  },
  wait: (machine, parked, { pid }) => {
    const { process } = parked;
    const child = machine.table.get(pid, process.pidNamespace);
    if (child === undefined || child.parent !== process || child.adopted) return ECHILD;
    if (child.state === 'zombie' && !child.lingering) {
      machine.table.reap(child);
      return { code: child.exitCode, signal: child.exitSignal };
    }
    process.waits ??= [];
    process.waits.push(parked);
    return WAITS;
  },
  kill: (machine, { process }, { pid, signal, startTicks }) => {
    const exact = startTicks !== null;
    // As in src/node: every process that one may signal is never what is meant.
    if (pid === -1) return EPERM;
    const leader = machine.table.get(Math.abs(pid), process.pidNamespace);
    if (leader === undefined && pid === INIT.pid) return killInit(process, startTicks);
    if (exact && leader?.startTicks !== startTicks) return ESRCH;
    if (pid > 0) return leader === undefined ? ESRCH : signalOne(machine, process, leader, signal, exact);
    const pgid = pid === 0 ? process.pgid : -pid;
    const group = machine.table
      .all()
      .filter(
        (member) =>
          member.pgid === pgid && member.state !== 'gone' && member.pidNamespace === process.pidNamespace,
      );
    if (group.length === 0) return ESRCH;
    const results = group.map((member) => signalOne(machine, process, member, signal, exact));
    return results.includes(undefined) ? undefined : EPERM;
  },
  sigaction: (_, { process }, { signal, action }) => {
    if (signal === 'SIGKILL' || signal === 'SIGSTOP') return EINVAL;
    const { actions } = signalsOf(process);
    if (action !== 'default') actions.set(signal, action);
    else if (IGNORED_BY_NODE.has(signal) && actions.has(signal)) actions.set(signal, 'default');
    else actions.delete(signal);
    return undefined;
  },
  sigwait: (_, parked) => {
    const { process } = parked;
    const signals = signalsOf(process);
    const signal = signals.queue.shift();
    if (signal !== undefined) return signal;
    signals.waiters.push(parked);
    parked.queue = signals.waiters;
    return WAITS;
  },
  setTitle: (_, { process }, { title }) => {
    process.command = [title];
    return undefined;
  },
  exit: (machine, { process }, { code }) => {
    machine.end(process, code & 0xff, null);
    return undefined as never;
  },
};

function signalOne(
  machine: SimMachine,
  sender: SimProcess,
  target: SimProcess,
  signal: Signal | 0,
  exact: boolean,
): Errno | undefined {
  const sameSession = signal === 'SIGCONT' && sender.sid === target.sid;
  if (sender.uid !== 0 && sender.uid !== target.uid && !sameSession) return EPERM;
  if (signal !== 0) machine.signal(sender, target, signal, exact);
  return undefined;
}

function share(child: SimProcess, fd: number, description: Description): void {
  description.refs++;
  child.fds.set(fd, description);
  if (isListener(description)) description.holders.push(child);
}

/** The superuser's signals do not reach the first process: it handles none that we send. */
function killInit({ uid }: SimProcess, startTicks: number | null): Errno | undefined {
  if (startTicks !== null && startTicks !== INIT.startTicks) return ESRCH;
  return uid === 0 ? undefined : EPERM;
}

export function parentPid({ pid, parent, pidNamespace }: SimProcess): number {
  if (parent === null) return pid === INIT.pid ? 0 : INIT.pid;
  // The first process of a namespace has a parent that it cannot see.
  return parent.pidNamespace === pidNamespace ? parent.pid : 0;
}

function infoOf(process: SimProcess): ProcessInfo {
  const { pid, pgid, sid, uid, startTicks, state } = process;
  return {
    pid,
    ppid: parentPid(process),
    pgid,
    sid,
    uid,
    startTicks,
    state: state === 'gone' ? 'zombie' : state,
    command: state === 'zombie' ? [] : process.command,
  };
}
