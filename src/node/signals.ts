import type { Operation, Signal } from '../ports/index.ts';
import type { Host } from './host.ts';
import { Mailbox } from './mailbox.ts';
import { type Cancel, Failure, type Reply } from './reply.ts';

/** kill(2) with this PID signals every process that the caller may signal, which no daemon should ever do. */
const EVERYBODY = -1;

/**
 * kill(2). With `startTicks`, the process (of a group: its leader) is looked up and signalled in the same turn of the event
 * loop. The remaining window is a few microseconds. To hit a wrong process, the kernel would have to free and reuse the same
 * PID within it; Linux assigns PIDs cyclically, so that requires as many new processes as there are PIDs
 * (kernel.pid_max). Only a pidfd would close the window, and Node does not offer one.
 */
export function kill(host: Host, { pid, signal, startTicks }: Operation<'kill'>): void {
  if (pid === EVERYBODY) throw new Failure('EPERM');
  if (startTicks !== null && host.startTicks(Math.abs(pid)) !== startTicks) throw new Failure('ESRCH');
  process.kill(pid, signal);
}

/**
 * Receives signals through Node's listeners, which never keep the event loop alive.
 *
 * Two of Node's defaults differ from POSIX until a listener has been added and removed: SIGUSR1 opens the debugger, and
 * SIGPIPE is ignored.
 */
export class Signals {
  readonly #arrived = new Mailbox<Signal>();
  readonly #listeners = new Map<Signal, () => void>();

  sigaction({ signal, action }: Operation<'sigaction'>): void {
    if (signal === 'SIGKILL' || signal === 'SIGSTOP') throw new Failure('EINVAL');
    const before = this.#listeners.get(signal);
    // The new listener is added first, so that the default action is never in effect in between.
    if (action === 'default') {
      this.#listeners.delete(signal);
    } else {
      const listener = action === 'handle' ? () => this.#arrived.put(signal) : () => undefined;
      process.on(signal, listener);
      this.#listeners.set(signal, listener);
    }
    if (before !== undefined) process.off(signal, before);
  }

  sigwait(reply: Reply<Signal>): Cancel {
    return this.#arrived.take(reply);
  }
}
