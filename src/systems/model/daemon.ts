import {
  becomeOwner,
  childMarker,
  EXIT,
  HEALTH_PATH,
  healthBody,
  type OwnerOptions,
  type Ownership,
  Surrender,
} from '../../model/index.ts';
import { type Child, isSystemError, type Ports, type Program } from '../../ports/index.ts';

export interface DaemonOptions extends OwnerOptions {
  /** A child that the owner keeps running, as a browser or a database: its command. Null: none. */
  helper: readonly string[] | null;
  /** A helper that ends sooner than this after its start has failed to start. */
  helperStartMs?: number;
  /** Hears why no owner could be had or found. */
  onBlocked?: (why: string) => void;
}

/** Whoever asks for this is served only by the current owner. */
export const WORK_PATH = '/work';

/**
 * A whole daemon on the protocol: becomes the owner or finds it, serves, keeps a helper, gives up by itself when the
 * helper cannot be kept, and stops cleanly when asked.
 */
export function daemon(options: DaemonOptions): Program {
  return async (ports) => {
    try {
      const { signal } = await untilAsked(ports);
      const contest = await becomeOwner(ports, { ...options, signal });
      if (contest.kind === 'client') return EXIT.done;
      if (contest.kind === 'owner') return await new Daemon(ports, contest.owner, options, signal).run();
      if (signal.aborted) return EXIT.done;
      ports.mark('blocked', { why: contest.why });
      options.onBlocked?.(contest.why);
      return EXIT.blocked;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      ports.mark('unusable', { error: error.message });
      return EXIT.stateUnusable;
    }
  };
}

/** Aborted when somebody asks this process to stop: from its first step on, before it has anything to leave behind. */
async function untilAsked({ process }: Ports): Promise<AbortController> {
  const asked = new AbortController();
  await process.onSignal(['SIGTERM', 'SIGINT', 'SIGHUP'], () => asked.abort());
  return asked;
}

type Ending = keyof typeof EXIT;

class Daemon {
  readonly #ports: Ports;
  readonly #owner: Ownership;
  readonly #options: DaemonOptions;
  readonly #signal: AbortSignal;
  /** Of the helper that was started last: there may be a moment between the order and the child. */
  #helper: Promise<Child> | null = null;
  #stopping = false;

  constructor(ports: Ports, owner: Ownership, options: DaemonOptions, signal: AbortSignal) {
    this.#ports = ports;
    this.#owner = owner;
    this.#options = options;
    this.#signal = signal;
  }

  async run(): Promise<number> {
    const ending = await Promise.race([
      this.#asked(),
      this.#serve(),
      this.#owner.untilFenced(),
      this.#keepHelper(),
      this.#owner.keepTidy(),
    ]);
    this.#stopping = true;
    if (ending === 'surrendered') this.#ports.mark('self-release');
    await this.#endHelper();
    await this.#owner.release();
    return EXIT[ending];
  }

  #asked(): Promise<Ending> {
    return new Promise((resolve) => {
      if (this.#signal.aborted) resolve('done');
      else this.#signal.addEventListener('abort', () => resolve('done'), { once: true });
    });
  }

  async #serve(): Promise<Ending> {
    const { listener } = this.#owner;
    if (listener === null) return new Promise(() => {});
    this.#owner.serves();
    for (;;) {
      const { request, path } = await this.#ports.net.accept(listener);
      if (path === HEALTH_PATH) {
        await this.#answer(request, 200, healthBody(this.#owner.claim.nonce));
      } else if (path === WORK_PATH) {
        const done = await this.#owner.act(() => this.#answer(request, 200, 'done'));
        if (!done) return 'fenced';
      } else {
        await this.#answer(request, 404, `no such path; there is ${HEALTH_PATH} and ${WORK_PATH}`);
      }
    }
  }

  async #answer(request: number, status: number, body: string): Promise<void> {
    try {
      await this.#ports.net.answer(request, { status, body });
    } catch (error) {
      // Whoever asked has gone: not our trouble.
      if (!isSystemError(error)) throw error;
    }
  }

  /** Starts the helper, again and again, until it fails to start twice in a row. */
  async #keepHelper(): Promise<Ending> {
    const { helper, helperStartMs = 500 } = this.#options;
    if (helper === null) return new Promise(() => {});
    const { clock, process } = this.#ports;
    const surrender = new Surrender();
    const marker = childMarker(this.#owner.directory, this.#owner.claim);
    for (;;) {
      const startedMs = await clock.monotonicMs();
      const started = await this.#owner.act(async () => {
        if (this.#stopping) return;
        const starting = process.spawn([...helper, marker]);
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

  async #endHelper(): Promise<void> {
    try {
      const child = await this.#helper;
      // An own child that has not been reaped: nobody else can bear its PID.
      if (child !== null) await this.#ports.process.kill(child.pid, 'SIGKILL');
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}

/** A helper that works until its parent, or somebody else, ends it; or, while the file is there, fails to start. */
export function helper(brokenFile: string | null): Program {
  return async ({ fs, clock }) => {
    if (brokenFile !== null && (await exists(fs, brokenFile))) return 1;
    for (;;) await clock.sleep(60_000);
  };
}

/** Unlike `fs.exists`: what cannot be looked at, for whatever reason, is not there. */
async function exists(fs: Ports['fs'], path: string): Promise<boolean> {
  try {
    await fs.stat(path);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
