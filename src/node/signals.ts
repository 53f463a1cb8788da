import type { Operation, Signal } from '../ports/index.ts';
import type { Host } from './host.ts';
import { Mailbox } from './mailbox.ts';
import { type Cancel, Failure, type Reply } from './reply.ts';

/** Every process that the caller may signal: never what a daemon means. */
const EVERYBODY = -1;

/**
 * kill(2). With `startTicks` the process (for a group: its leader) is looked up and signalled without giving the
 * event loop a turn in between. The window that remains is some microseconds wide, and for a wrong hit the kernel
 * must free and hand out the same number within it; Linux hands out PIDs cyclically, so that takes as many new
 * processes as there are PIDs (kernel.pid_max). Only a pidfd would close it, and Node has none.
 */
export function kill(host: Host, { pid, signal, startTicks }: Operation<'kill'>): void {
  if (pid === EVERYBODY) throw new Failure('EPERM');
  if (startTicks !== null && host.startTicks(Math.abs(pid)) !== startTicks) throw new Failure('ESRCH');
  process.kill(pid, signal);
}

/**
 * The signals that reach this process, through Node's listeners, which never keep the event loop alive.
 *
 * Node's own defaults are not all POSIX's: SIGUSR1 opens the debugger and SIGPIPE is ignored, each until its first
 * listener has come and gone.
 */
export class Signals {
  readonly #arrived = new Mailbox<Signal>();
  readonly #listeners = new Map<Signal, () => void>();

  sigaction({ signal, action }: Operation<'sigaction'>): void {
    if (signal === 'SIGKILL' || signal === 'SIGSTOP') throw new Failure('EINVAL');
    const before = this.#listeners.get(signal);
    // The new listener comes first: in between the signal must not have its default effect.
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
