import type { Signal } from '../ports/index.ts';
import type { SimMachine } from './machine.ts';
import type { SignalState, SimProcess } from './process.ts';

/** What signals do that nobody handles: all others end the process. */
const IGNORED_BY_DEFAULT: ReadonlySet<Signal> = new Set<Signal>([
  'SIGCHLD',
  'SIGCONT',
  // Node ignores it.
  'SIGPIPE',
]);

/** Delivers a signal. Permission has been checked. */
export function signal(machine: SimMachine, target: SimProcess, sent: Signal): void {
  if (!target.alive) return;
  if (sent === 'SIGKILL') {
    machine.end(target, null, sent);
    return;
  }
  if (sent === 'SIGSTOP') {
    target.state = 'stopped';
    return;
  }
  if (sent === 'SIGCONT' && target.state === 'stopped') target.state = 'running';
  const action = target.signals?.actions.get(sent);
  if (action === 'ignore' || (action === undefined && IGNORED_BY_DEFAULT.has(sent))) {
    deliver(machine, target);
    return;
  }
  const { queue } = signalsOf(target);
  // A signal that is pending already is not queued twice.
  if (!queue.includes(sent)) queue.push(sent);
  deliver(machine, target);
}

/** A stopped process gets its signals when it is continued. */
function deliver(machine: SimMachine, process: SimProcess): void {
  const { signals } = process;
  if (signals === null || process.state !== 'running') return;
  const deadly = signals.queue.find((pending) => signals.actions.get(pending) !== 'handle');
  if (deadly !== undefined) {
    machine.end(process, null, deadly);
    return;
  }
  const { waiter } = signals;
  if (waiter === null || signals.queue.length === 0) return;
  signals.waiter = null;
  waiter.wake();
}

export function signalsOf(process: SimProcess): SignalState {
  process.signals ??= { actions: new Map(), queue: [], waiter: null };
  return process.signals;
}
