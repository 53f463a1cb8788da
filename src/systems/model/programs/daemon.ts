/** A daemon on the protocol, with a helper process that it keeps running. */
import {
  type Ending,
  type OwnerOptions,
  type Ownership,
  type Service,
  Surrender,
  serveOwner,
} from '../../../model/index.ts';
import type { Answer, Child, Incoming, Ports, Program } from '../../../ports/index.ts';
import { isThere, orElse, signal, sleepForever } from '../../vocabulary/index.ts';

export interface DaemonOptions extends OwnerOptions {
  /** The command of a child that the owner keeps running, such as a browser or a database; null: none. */
  helper: readonly string[] | null;
  /** A helper that ends sooner than this after its start has failed to start. */
  helperStartMs?: number;
  /** Called with the reason why no owner could be had or found. */
  onBlocked?: (why: string) => void;
}

/** Only the current owner serves a request for this. */
export const WORK_PATH = '/work';

/**
 * Becomes the owner or finds it, serves, keeps a helper, gives up by itself when the helper cannot be kept, and stops
 * cleanly when asked.
 */
export function daemon({ onBlocked, ...options }: DaemonOptions): Program {
  return serveOwner({
    ...options,
    service: (ports, owner) => new HelperService(ports, owner, options),
    onBlocked(ports, why) {
      ports.mark('blocked', { why });
      onBlocked?.(why);
    },
  });
}

class HelperService implements Service {
  readonly #ports: Ports;
  readonly #owner: Ownership;
  readonly #options: DaemonOptions;
  /** The helper that was started last: there may be a moment between the order and the child. */
  #helper: Promise<Child> | null = null;
  #stopping = false;

  constructor(ports: Ports, owner: Ownership, options: DaemonOptions) {
    this.#ports = ports;
    this.#owner = owner;
    this.#options = options;
  }

  answer({ path }: Incoming): Promise<Answer> | null {
    return path === WORK_PATH ? this.#work() : null;
  }

  async #work(): Promise<Answer> {
    const owns = await this.#owner.act(() => {});
    return owns ? { status: 200, body: 'done' } : { status: 503, body: 'no longer the owner' };
  }

  /** Starts the helper, again and again, until it fails to start twice in a row. */
  async keep(): Promise<Ending> {
    const { helper, helperStartMs = 500 } = this.#options;
    if (helper === null) return new Promise(() => {});
    const { clock } = this.#ports;
    const surrender = new Surrender();
    for (;;) {
      const startedMs = await clock.monotonicMs();
      const started = await this.#owner.act(async () => {
        if (this.#stopping) return;
        const starting = this.#owner.spawn(helper);
        this.#helper = starting;
        await starting;
      });
      if (!started) return 'fenced';
      await (await this.#helper)?.exited;
      this.#helper = null;
      if (this.#stopping) return 'done';
      if ((await clock.monotonicMs()) - startedMs >= helperStartMs) surrender.succeeded();
      else if (surrender.failed()) return 'surrendered';
    }
  }

  async close(): Promise<void> {
    this.#stopping = true;
    const child = await orElse(Promise.resolve(this.#helper), null);
    // It has not been reaped, so its PID cannot be reused yet.
    if (child !== null) await signal(this.#ports, child.pid, 'SIGKILL');
  }
}

/** A helper that works until its parent ends it; or, while the file is there, fails to start. */
export function helper(brokenFile: string | null): Program {
  return async (ports) => {
    if (brokenFile !== null && (await isThere(ports, brokenFile))) return 1;
    return sleepForever(ports);
  };
}
