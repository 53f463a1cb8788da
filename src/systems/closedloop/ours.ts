import {
  type Origin,
  type PortVerdict,
  processFileName,
  processOfFile,
  reconcilePort,
  sweepProcessFiles,
  writeProcessFile,
} from '../../model/index.ts';
import {
  type Address,
  type Child,
  hasCode,
  isSystemError,
  type Ports,
  type ProcessIdentity,
  type ProcessInfo,
  type Program,
  type Self,
} from '../../ports/index.ts';
import { ADDRESS, FIGURES, HEALTH_PATH, MARKER } from './setup.ts';

/** Names the app on the command line of its sidecar: PID, start time, boot, PID namespace, host. */
export const OWNER = '--app=';
/** A file of an app of that name holds the PID of its sidecar. */
const PID_FILES = 'sidecar-of-';
/** A file of an app of that name says that the user has given its TCP port to another: it must not take it back. */
const YIELDS = 'yields-';

export interface OursOptions {
  address: Extract<Address, { kind: 'tcp' }>;
  /** Its sidecar's command, without the word that names the owner. */
  sidecar: readonly string[];
  /** The directory of the PID files. They tell a reader who it was, and decide nothing. */
  directory: string;
  timing: OursTiming;
  /** Asked at boot about a live instance. */
  consent(holder: ProcessInfo): Promise<boolean>;
}

/** Milliseconds. */
export interface OursTiming {
  /** How long a sidecar may take to answer at all, and how often it is asked. */
  readyWithinMs: number;
  healthEveryMs: number;
  healthTimeoutMs: number;
  /** So many unanswered questions in a row, once it has answered, and it is started anew. */
  failedProbes: number;
  restarts: number;
  firstBackoffMs: number;
  longestBackoffMs: number;
  /** A sidecar that has been up so long starts the count of restarts anew. */
  stableForMs: number;
}

export const TIMING: OursTiming = {
  readyWithinMs: FIGURES.readyWithinMs,
  healthEveryMs: 1_000,
  healthTimeoutMs: FIGURES.healthTimeoutMs,
  failedProbes: 3,
  restarts: FIGURES.restarts,
  firstBackoffMs: FIGURES.firstBackoffMs,
  longestBackoffMs: FIGURES.longestBackoffMs,
  stableForMs: FIGURES.stableForMs,
};

export const OURS: Omit<OursOptions, 'consent'> = {
  address: ADDRESS,
  sidecar: ['sidecar', MARKER],
  directory: '/user-data/agent-monitor',
  timing: TIMING,
};

/**
 * The app on `reconcilePort`: its sidecar's command line names it, so that whoever comes after it can tell an orphan from a
 * live instance, whoever has adopted it.
 */
export function app(options: OursOptions): Program {
  return async (ports) => {
    const self = await ports.process.self();
    const sidecar = new Supervisor(ports, self, options);
    await ports.process.onSignal(['SIGTERM', 'SIGINT'], () => {
      void sidecar.stop().then(() => ports.process.exit(0));
    });
    await sidecar.run();
    for (;;) await ports.clock.sleep(60_000);
  };
}

class Supervisor {
  readonly #ports: Ports;
  readonly #self: Self;
  readonly #options: OursOptions;
  /** The sidecar, until it is reaped. */
  #child: ProcessIdentity | null = null;
  #stopping = false;
  /** The child, or the file, that is being made. */
  #underWay: Promise<void> = Promise.resolve();

  constructor(ports: Ports, self: Self, options: OursOptions) {
    this.#ports = ports;
    this.#self = self;
    this.#options = options;
  }

  /** Until it is stopped, gives up, or leaves the TCP port to another. */
  async run(): Promise<void> {
    const { clock } = this.#ports;
    const { timing, directory } = this.#options;
    await sweepProcessFiles(this.#ports, { directory, prefixes: [PID_FILES, YIELDS] }, this.#self);
    let restarts = 0;
    for (let boot = true; !this.#stopping; boot = false) {
      if (await this.#hasYielded()) return this.#ports.mark('blocked-live');
      const verdict = await this.#reconcile(boot);
      this.#tell(verdict);
      if (verdict.kind === 'blocked-live' || this.#stopping) return;
      const startedMs = await clock.monotonicMs();
      const child = await this.#unlessStopping(() => this.#start());
      if (child === null) return;
      await this.#watch(child);
      if ((await clock.monotonicMs()) - startedMs >= timing.stableForMs) restarts = 0;
      if (this.#stopping) return;
      if (restarts === timing.restarts) return this.#ports.mark('gave-up', { restarts });
      await clock.sleep(Math.min(timing.firstBackoffMs * 2 ** restarts++, timing.longestBackoffMs));
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#underWay;
    await this.#removePidFile();
    if (this.#child === null) return;
    await this.#signalChild('SIGTERM');
    await this.#ports.clock.sleep(FIGURES.stopGraceMs);
    await this.#signalChild('SIGKILL');
  }

  /** Null: we stop, and begin nothing more. Whoever stops us waits for what has begun, and clears it away. */
  async #unlessStopping<T>(make: () => Promise<T>): Promise<T | null> {
    if (this.#stopping) return null;
    const making = make();
    this.#underWay = making.then(ignore, ignore);
    return making;
  }

  async #start(): Promise<Child> {
    const { process } = this.#ports;
    const command = [...this.#options.sidecar, processFileName(OWNER, this.#self)];
    const child = await process.spawn(command, { detached: true });
    let reaped = false;
    const forget = (): void => {
      reaped = true;
      this.#child = null;
    };
    child.exited.then(forget, forget);
    try {
      const info = await process.info(child.pid);
      // Until it is reaped nobody else can bear its PID.
      if (!reaped) this.#child = info;
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
    return child;
  }

  #reconcile(boot: boolean): Promise<PortVerdict> {
    const { address, sidecar } = this.#options;
    return reconcilePort(this.#ports, {
      address,
      isOurs: ({ command }) =>
        sidecar.every((word) => command.includes(word)) ||
        command.some((word) => processOfFile(OWNER, word) !== null),
      ownerOf: (info) => originNamedBy(info, this.#self),
      consent: boot ? (holder) => this.#asks(holder) : null,
    });
  }

  /** The app whose sidecar is about to be ended is told before it can start another. */
  async #asks(holder: ProcessInfo): Promise<boolean> {
    const { consent, directory } = this.#options;
    if (!(await consent(holder))) return false;
    const owner = originNamedBy(holder, this.#self);
    if (owner === null) return true;
    const told = await this.#unlessStopping(async () => {
      await this.#ports.fs.mkdir(directory, { recursive: true });
      await writeProcessFile(this.#ports, directory, YIELDS, '', this.#self, owner);
      return true;
    });
    return told === true;
  }

  async #hasYielded(): Promise<boolean> {
    try {
      await this.#ports.fs.stat(`${this.#options.directory}/${processFileName(YIELDS, this.#self)}`);
      return true;
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
  }

  #tell(verdict: PortVerdict): void {
    if (verdict.kind === 'free') return;
    const why = 'why' in verdict ? verdict.why : '';
    this.#ports.mark(verdict.kind === 'foreign' ? 'says-foreign' : verdict.kind, { why });
  }

  /** Until the child ends. One that does not answer any more is ended. */
  async #watch(child: Child): Promise<void> {
    let ended = false;
    const exited = child.exited.then(() => {
      ended = true;
    });
    const { timing } = this.#options;
    const untilMs = (await this.#ports.clock.monotonicMs()) + timing.readyWithinMs;
    for (let answered = false, failures = 0; !ended; ) {
      if (await this.#answers(child)) {
        if (!answered) await this.#unlessStopping(() => this.#noteReady(child));
        answered = true;
        failures = 0;
      } else failures++;
      const late = !answered && (await this.#ports.clock.monotonicMs()) > untilMs;
      if (!ended && (late || (answered && failures >= timing.failedProbes)))
        await this.#signalChild('SIGKILL');
      await Promise.race([exited, this.#ports.clock.sleep(timing.healthEveryMs)]);
    }
  }

  /** It says who it is: another that has the TCP port does not count. */
  async #answers({ pid }: Child): Promise<boolean> {
    const { address, timing } = this.#options;
    try {
      const request = { path: HEALTH_PATH, body: '' };
      const { status, body } = await this.#ports.probe.request(address, request, timing.healthTimeoutMs);
      return status === 200 && body === `${pid}`;
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
  }

  async #noteReady({ pid }: Child): Promise<void> {
    this.#ports.mark('ready', { pid });
    const { directory } = this.#options;
    try {
      await this.#ports.fs.mkdir(directory, { recursive: true });
      await writeProcessFile(this.#ports, directory, PID_FILES, `${pid}`, this.#self);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  async #removePidFile(): Promise<void> {
    try {
      await this.#ports.fs.unlink(`${this.#options.directory}/${processFileName(PID_FILES, this.#self)}`);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  /** And the group that it leads. By its start time too: by the time the signal comes it may have been reaped. */
  async #signalChild(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child === null) return;
    const { pid, startTicks } = this.#child;
    try {
      await this.#ports.process.killExactly({ pid: -pid, startTicks }, signal);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}

/** Null: it does not say, or it says something that means nothing here, in another PID namespace. */
function originNamedBy({ command }: ProcessInfo, self: Self): Origin | null {
  for (const word of command) {
    const owner = processOfFile(OWNER, word);
    if (owner === null) continue;
    const isHere =
      owner.bootId === self.bootId &&
      owner.pidNamespace === self.pidNamespace &&
      owner.hostname === self.hostname;
    return isHere ? owner : null;
  }
  return null;
}

function ignore(): void {}
