import type { ProcessInfo, Signal } from '../../ports/index.ts';
import { wellFormed } from '../../ports/well-formed.ts';
import {
  EACCES,
  EAGAIN,
  EBADF,
  ECHILD,
  EINVAL,
  ENOENT,
  ENOTDIR,
  EPERM,
  type Errno,
  ESRCH,
  isErrno,
} from '../base/errno.ts';
import { type Handlers, WAITS } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { IGNORED_BY_NODE } from '../kernel/signals.ts';
import { NullDevice } from '../records/null-device.ts';
import type { SimProcess } from '../records/process.ts';
import { isListener } from '../records/sockets.ts';
import { isStream } from '../records/streams.ts';
import { type Description, shareDescription } from '../vfs/index.ts';

type ProcessOperations =
  | ('self' | 'processInfo' | 'listProcesses' | 'processEnv' | 'spawn' | 'wait')
  | ('kill' | 'sigaction' | 'sigwait' | 'setTitle' | 'exit');

const NOTHING: readonly never[] = [];
/** The first descriptor after standard input, output and error. */
const FIRST_INHERITED = 3;

/** The parent of all processes without another one, unless a process of the run has PID 1. It reaps them immediately. */
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
  self: (kernel, { process }) => ({
    pid: process.pid,
    ppid: parentPid(process),
    uid: process.uid,
    startTicks: process.startTicks,
    bootId: kernel.identity.bootId,
    pidNamespace: process.pidNamespace,
    hostname: process.hostname ?? kernel.identity.hostname,
  }),
  processInfo: (kernel, { process: viewer }, { pid }) => {
    const process = kernel.table.get(pid, viewer.pidNamespace);
    const uid = process?.uid ?? INIT.uid;
    if (process === undefined && pid !== INIT.pid) return ESRCH;
    if (kernel.hidepid && viewer.uid !== 0 && viewer.uid !== uid) return EACCES;
    return process === undefined ? INIT : infoOf(process);
  },
  listProcesses: (kernel, { process }) => kernel.table.pids(process.pidNamespace),
  processEnv: (kernel, { process: viewer }, { pid, name }) => {
    const process = kernel.table.get(pid, viewer.pidNamespace);
    if (process === undefined && pid !== INIT.pid) return ESRCH;
    // Linux shows an environment to its user only, with hidepid and without.
    if (viewer.uid !== 0 && viewer.uid !== (process?.uid ?? INIT.uid)) return EACCES;
    if (process === undefined || !process.alive || !Object.hasOwn(process.env, name)) return null;
    return process.env[name]!;
  },
  spawn: (kernel, { process }, operation) => {
    const { command, detached, inherit = NOTHING, stdio = NOTHING, cwd, env, clearEnv } = operation;
    if (kernel.table.full) return EAGAIN;
    for (const fd of inherit) if (!process.fds.has(fd)) return EBADF;
    for (const fd of stdio) if (fd !== null && fd >= FIRST_INHERITED && !process.fds.has(fd)) return EBADF;
    const directory = cwd === undefined ? process.cwd : workingDirectory(kernel, process, cwd);
    if (isErrno(directory)) return directory;
    const child = kernel.spawn(command, { parent: process, detached, env, clearEnv });
    if (child === null) return ENOENT;
    child.cwd = directory;
    for (const [at, fd] of stdio.entries()) {
      const description = fd === null ? undefined : process.fds.get(fd);
      if (fd === null) child.fds.set(at, new NullDevice());
      else if (description !== undefined) share(child, at, description);
    }
    for (const [at, fd] of inherit.entries()) share(child, FIRST_INHERITED + at, process.fds.get(fd)!);
    return child.pid;
  },
  wait: (kernel, parked, { pid }) => {
    const { process } = parked;
    const child = kernel.table.get(pid, process.pidNamespace);
    if (child === undefined || child.parent !== process || child.adopted) return ECHILD;
    if (child.state === 'zombie' && !child.lingering) {
      kernel.table.reap(child);
      return { code: child.exitCode, signal: child.exitSignal };
    }
    process.waits ??= [];
    process.waits.push(parked);
    return WAITS;
  },
  kill: (kernel, { process }, { pid, signal, startTicks }) => {
    const exact = startTicks !== null;
    // As in src/node: signalling every process is never intended.
    if (pid === -1) return EPERM;
    const leader = kernel.table.get(Math.abs(pid), process.pidNamespace);
    if (leader === undefined && pid === INIT.pid) return killInit(process, startTicks);
    if (exact && leader?.startTicks !== startTicks) return ESRCH;
    if (pid > 0) return leader === undefined ? ESRCH : signalOne(kernel, process, leader, signal, exact);
    const pgid = pid === 0 ? process.pgid : -pid;
    const group = kernel.table
      .all()
      .filter(
        (member) =>
          member.pgid === pgid && member.state !== 'gone' && member.pidNamespace === process.pidNamespace,
      );
    if (group.length === 0) return ESRCH;
    const results = group.map((member) => signalOne(kernel, process, member, signal, exact));
    return results.includes(undefined) ? undefined : EPERM;
  },
  sigaction: (_, { process }, { signal, action }) => {
    if (signal === 'SIGKILL' || signal === 'SIGSTOP') return EINVAL;
    const { actions } = process.signalState();
    if (action !== 'default') actions.set(signal, action);
    else if (IGNORED_BY_NODE.has(signal) && actions.has(signal)) actions.set(signal, 'default');
    else actions.delete(signal);
    return undefined;
  },
  sigwait: (_, parked) => {
    const { process } = parked;
    const signals = process.signalState();
    const signal = signals.queue.shift();
    if (signal !== undefined) return signal;
    parked.enqueue(signals.waiters);
    return WAITS;
  },
  setTitle: (_, { process }, { title }) => {
    process.command = titled(title);
    return undefined;
  },
  exit: (kernel, { process }, { code }) => {
    kernel.end(process, code & 0xff, null);
    return undefined as never;
  },
};

/** The C string that Node makes of a title: it ends at a NUL, and an empty one leaves nothing. */
function titled(title: string): string[] {
  const [words = ''] = wellFormed(title).split('\0');
  return words === '' ? [] : [words];
}

function signalOne(
  kernel: Kernel,
  sender: SimProcess,
  target: SimProcess,
  signal: Signal | 0,
  exact: boolean,
): Errno | undefined {
  const sameSession = signal === 'SIGCONT' && sender.sid === target.sid;
  if (sender.uid !== 0 && sender.uid !== target.uid && !sameSession) return EPERM;
  if (signal !== 0) kernel.signal(sender, target, signal, exact);
  return undefined;
}

function share(child: SimProcess, fd: number, description: Description): void {
  child.fds.set(fd, description);
  if (isListener(description)) description.share(child);
  else if (isStream(description)) description.refs++;
  else shareDescription(description);
}

/** As chdir(2) takes it: a directory that the process may search. */
function workingDirectory({ fs }: Kernel, process: SimProcess, path: string): string | Errno {
  const real = fs.call(process, { op: 'realpath', path });
  if (isErrno(real)) return real;
  const stat = fs.call(process, { op: 'stat', path: real });
  if (isErrno(stat)) return stat;
  if (stat.kind !== 'directory') return ENOTDIR;
  const denied = fs.call(process, { op: 'access', path: real, mode: 1 });
  return isErrno(denied) ? denied : real;
}

/** Even the superuser's signals have no effect on PID 1, which handles none of those that we send. */
function killInit({ uid }: SimProcess, startTicks: number | null): Errno | undefined {
  if (startTicks !== null && startTicks !== INIT.startTicks) return ESRCH;
  return uid === 0 ? undefined : EPERM;
}

export function parentPid({ pid, parent, pidNamespace }: SimProcess): number {
  if (parent === null) return pid === INIT.pid ? 0 : INIT.pid;
  // The parent of the first process of a namespace is outside, and not visible.
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
