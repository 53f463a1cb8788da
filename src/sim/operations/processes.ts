import type { ProcessInfo, Signal } from '../../ports/index.ts';
import { EAGAIN, ECHILD, EINVAL, ENOENT, EPERM, type Errno, ESRCH } from '../errno.ts';
import { type Handlers, WAITS } from '../handler.ts';
import type { SimMachine } from '../machine.ts';
import type { SimProcess } from '../process.ts';
import { signalsOf } from '../signals.ts';

type ProcessOperations =
  | ('self' | 'processInfo' | 'listProcesses' | 'spawn' | 'wait')
  | ('kill' | 'sigaction' | 'sigwait' | 'exit');

export const PROCESSES: Handlers<ProcessOperations> = {
  self: (machine, { process }) => ({
    pid: process.pid,
    ppid: parentPid(process),
    uid: process.uid,
    startTicks: process.startTicks,
    bootId: machine.bootId,
    pidNamespace: 'pid:[1]',
    hostname: machine.hostname,
  }),
  processInfo: (machine, _, { pid }) => {
    const process = machine.table.get(pid);
    return process === undefined ? ESRCH : infoOf(process);
  },
  listProcesses: (machine) => machine.table.pids(),
  spawn: (machine, { process }, { command, detached }) => {
    if (machine.table.full) return EAGAIN;
    const child = machine.spawn(command, { parent: process, detached });
    return child === null ? ENOENT : child.pid;
  },
  wait: (machine, parked, { pid }) => {
    const { process } = parked;
    const child = machine.table.get(pid);
    if (child === undefined || child.parent !== process) return ECHILD;
    if (child.state === 'zombie') {
      machine.table.reap(child);
      return { code: child.exitCode, signal: child.exitSignal };
    }
    process.waits ??= [];
    process.waits.push(parked);
    return WAITS;
  },
  kill: (machine, { process }, { pid, signal, startTicks }) => {
    const exact = startTicks !== null;
    if (pid > 0) {
      const target = machine.table.get(pid);
      if (target === undefined || (exact && target.startTicks !== startTicks)) return ESRCH;
      return signalOne(machine, process, target, signal, exact);
    }
    const pgid = pid === 0 ? process.pgid : -pid;
    const group = machine.table.all().filter((member) => member.pgid === pgid && member.state !== 'gone');
    if (group.length === 0) return ESRCH;
    const results = group.map((member) => signalOne(machine, process, member, signal, exact));
    return results.includes(undefined) ? undefined : EPERM;
  },
  sigaction: (_, { process }, { signal, action }) => {
    if (signal === 'SIGKILL' || signal === 'SIGSTOP') return EINVAL;
    const { actions } = signalsOf(process);
    if (action === 'default') actions.delete(signal);
    else actions.set(signal, action);
    return undefined;
  },
  sigwait: (_, parked) => {
    const { process } = parked;
    const signals = signalsOf(process);
    const signal = signals.queue.shift();
    if (signal !== undefined) return signal;
    signals.waiter = parked;
    return WAITS;
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
  if (sender.uid !== 0 && sender.uid !== target.uid) return EPERM;
  if (signal !== 0) machine.signal(sender, target, signal, exact);
  return undefined;
}

export function parentPid(process: SimProcess): number {
  return process.parent?.pid ?? 1;
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
