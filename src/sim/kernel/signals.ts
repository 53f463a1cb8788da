import { SIGNALS, type Signal } from '../../ports/index.ts';
import { resumeSockets } from '../syscalls/sockets.ts';
import type { SimMachine } from './machine.ts';
import type { SignalState, SimProcess } from './process.ts';

/** Linux discards those of a terminal in a process group without a shell above it, as each group of this machine is. */
const OF_TERMINALS: readonly Signal[] = ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'];
/** What signals do that no handler waits for: all others end the process. */
const IGNORED_BY_LINUX: ReadonlySet<Signal> = new Set<Signal>([
  ...(['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH'] as const),
  ...OF_TERMINALS,
]);
/** Until the first handler has come and gone: Node ignores the one and opens its debugger upon the other. */
export const IGNORED_BY_NODE: ReadonlySet<Signal> = new Set<Signal>(['SIGPIPE', 'SIGUSR1']);

/** Delivers a signal. Permission has been checked. */
export function signal(machine: SimMachine, target: SimProcess, sent: Signal): void {
  if (!target.alive) return;
  if (sent === 'SIGKILL') {
    machine.end(target, null, sent);
  } else if (sent === 'SIGSTOP') {
    if (target.state === 'stopped') return;
    target.state = 'stopped';
    notifyParent(machine, target);
  } else if (sent === 'SIGCONT' && target.state === 'stopped') {
    resume(machine, target);
  } else if (target.state === 'running') {
    act(machine, target, sent);
  } else if (dispositionOf(target, sent) !== 'ignore') {
    // It is pending until the process goes on. One that is pending already is not queued twice.
    const { pending } = signalsOf(target);
    if (!pending.includes(sent)) pending.push(sent);
  }
}

export function signalsOf(process: SimProcess): SignalState {
  process.signals ??= { actions: new Map(), pending: [], queue: [], waiters: [] };
  return process.signals;
}

/** SIGCHLD, which nobody hears who does not handle it: a child has ended, stopped, or goes on. */
export function notifyParent(machine: SimMachine, { parent }: SimProcess): void {
  if (parent?.signals?.actions.get('SIGCHLD') === 'handle') signal(machine, parent, 'SIGCHLD');
}

/** Linux: from within its namespace, PID 1 is hit only by what it handles; SIGCONT lets it go on all the same. */
export function reachesInit({ signals }: SimProcess, sent: Signal): boolean {
  return sent === 'SIGCONT' || signals?.actions.get(sent) === 'handle';
}

function resume(machine: SimMachine, target: SimProcess): void {
  target.state = 'running';
  notifyParent(machine, target);
  resumeSockets(machine, target);
  // SIGCONT undoes the stops that are pending, also those that are handled. Of the rest the lowest number comes first.
  const pending = (target.signals?.pending.splice(0) ?? []).filter((sent) => !OF_TERMINALS.includes(sent));
  pending.push('SIGCONT');
  if (pending.length > 1) pending.sort((a, b) => SIGNALS.indexOf(a) - SIGNALS.indexOf(b));
  for (const sent of pending) act(machine, target, sent);
}

function act(machine: SimMachine, target: SimProcess, sent: Signal): void {
  const disposition = dispositionOf(target, sent);
  if (disposition === 'die') machine.end(target, null, sent);
  if (disposition !== 'handle' || !target.alive) return;
  const { queue, waiters } = signalsOf(target);
  // A process that has not been on since the last one: that one is still pending.
  const isPending =
    queue.includes(sent) && target.runnable.some(({ operation }) => operation.op === 'sigwait');
  if (!isPending) queue.push(sent);
  waiters[0]?.wake();
}

function dispositionOf({ signals }: SimProcess, sent: Signal): 'ignore' | 'handle' | 'die' {
  const action = signals?.actions.get(sent);
  if (action === 'ignore' || action === 'handle') return action;
  if (IGNORED_BY_LINUX.has(sent) || (action === undefined && IGNORED_BY_NODE.has(sent))) return 'ignore';
  return 'die';
}
