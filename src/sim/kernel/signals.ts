import { SIGNALS, type Signal } from '../../ports/index.ts';
import type { SimProcess } from '../records/process.ts';
import type { Kernel } from './kernel.ts';
import { resumeSockets } from './socket-ends.ts';

/** Linux discards those of a terminal in a process group without a shell above it, as each group of this machine is. */
const OF_TERMINALS: readonly Signal[] = ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'];
/** These do nothing by default; all others end the process. */
const IGNORED_BY_LINUX: ReadonlySet<Signal> = new Set<Signal>([
  ...(['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH'] as const),
  ...OF_TERMINALS,
]);
/** Until the first handler has come and gone: Node ignores the one and opens its debugger upon the other. */
export const IGNORED_BY_NODE: ReadonlySet<Signal> = new Set<Signal>(['SIGPIPE', 'SIGUSR1']);

/** Delivers a signal. Permission has been checked. */
export function deliver(kernel: Kernel, target: SimProcess, sent: Signal): void {
  if (!target.alive) return;
  if (sent === 'SIGKILL') {
    kernel.end(target, null, sent);
  } else if (sent === 'SIGSTOP') {
    if (target.state === 'stopped') return;
    target.state = 'stopped';
    notifyParent(kernel, target);
  } else if (sent === 'SIGCONT' && target.state === 'stopped') {
    resume(kernel, target);
  } else if (target.state === 'running') {
    act(kernel, target, sent);
  } else if (dispositionOf(target, sent) !== 'ignore') {
    target.signalState().pend(sent);
  }
}

/** A child has ended, stopped, or goes on: its parent gets SIGCHLD, which makes a difference only if it handles it. */
export function notifyParent(kernel: Kernel, { parent }: SimProcess): void {
  if (parent?.signals?.actions.get('SIGCHLD') === 'handle') deliver(kernel, parent, 'SIGCHLD');
}

/** Linux: from within its namespace, PID 1 gets only the signals that it handles; SIGCONT lets it go on all the same. */
export function reachesInit({ signals }: SimProcess, sent: Signal): boolean {
  return sent === 'SIGCONT' || signals?.actions.get(sent) === 'handle';
}

function resume(kernel: Kernel, target: SimProcess): void {
  target.state = 'running';
  target.changesLocal();
  notifyParent(kernel, target);
  resumeSockets(kernel, target);
  // SIGCONT removes the pending stop signals, also those that are handled. Of the rest the lowest number comes first.
  const all = target.signals === null ? [] : target.signalState().pending.splice(0);
  const pending = all.filter((sent) => !OF_TERMINALS.includes(sent));
  pending.push('SIGCONT');
  if (pending.length > 1) pending.sort((a, b) => SIGNALS.indexOf(a) - SIGNALS.indexOf(b));
  for (const sent of pending) act(kernel, target, sent);
}

function act(kernel: Kernel, target: SimProcess, sent: Signal): void {
  const disposition = dispositionOf(target, sent);
  if (disposition === 'die') kernel.end(target, null, sent);
  if (disposition !== 'handle' || !target.alive) return;
  const { queue, waiters } = target.signalState();
  // The process has not run since the same signal came before: that one is still pending.
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
