/** The app on `reconcilePort`: its sidecar's command line names it, so that a later app can tell an orphan from a live instance. */
import {
  type Origin,
  type PortVerdict,
  processFileName,
  processOfFile,
  reconcilePort,
  sweepProcessFiles,
  writeProcessFile,
} from '../../../model/index.ts';
import type {
  Address,
  Child,
  Ports,
  ProcessIdentity,
  ProcessInfo,
  Program,
  Self,
} from '../../../ports/index.ts';
import { ask, ignore, isThere, orElse, sleepForever, watched } from '../../vocabulary/index.ts';
import { LIMITS } from '../constants.ts';
import { ADDRESS, HEALTH_PATH, MARKER } from '../setup.ts';

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
  /** The directory of the PID files. They are for people to read, and decide nothing. */
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
  /** After this many unanswered questions in a row, once it has answered, it is started anew. */
  failedProbes: number;
  restarts: number;
  firstBackoffMs: number;
  longestBackoffMs: number;
  /** A sidecar that has been up for this long resets the count of restarts. */
  stableForMs: number;
}

const TIMING: OursTiming = { ...LIMITS, healthEveryMs: 1_000, failedProbes: 3 };

export const OURS: Omit<OursOptions, 'consent'> = {
  address: ADDRESS,
  sidecar: ['sidecar', MARKER],
  directory: '/user-data/agent-monitor',
  timing: TIMING,
};

export function app(options: OursOptions): Program {
  return async (ports) => {
    const self = await ports.process.self();
    const sidecar = new Supervisor(ports, self, options);
    await ports.process.onSignal(['SIGTERM', 'SIGINT'], () => {
      void sidecar.stop().then(() => ports.process.exit(0));
    });
    await sidecar.run();
    return sleepForever(ports);
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

  /** Runs until it is stopped, gives up, or leaves the TCP port to another app. */
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
    await this.#ports.clock.sleep(LIMITS.stopGraceMs);
    await this.#signalChild('SIGKILL');
  }

  /** `null` if we are stopping: then nothing more begins. The stop waits for what has begun, and removes it. */
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
    const info = await orElse(process.info(child.pid), null, 'ESRCH');
    // Until it is reaped its PID cannot be reused.
    if (!reaped) this.#child = info;
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

  /** Informs the app whose sidecar is about to be ended, before it can start another. */
  async #asks(holder: ProcessInfo): Promise<boolean> {
    const { consent, directory } = this.#options;
    if (!(await consent(holder))) return false;
    const owner = originNamedBy(holder, this.#self);
    if (owner === null) return true;
    const informed = await this.#unlessStopping(async () => {
      await this.#ports.fs.mkdir(directory, { recursive: true });
      await writeProcessFile(this.#ports, directory, YIELDS, '', this.#self, owner);
      return true;
    });
    return informed === true;
  }

  #hasYielded(): Promise<boolean> {
    return isThere(this.#ports, `${this.#options.directory}/${processFileName(YIELDS, this.#self)}`);
  }

  #tell(verdict: PortVerdict): void {
    if (verdict.kind === 'free') return;
    const why = 'why' in verdict ? verdict.why : '';
    this.#ports.mark(verdict.kind === 'foreign' ? 'says-foreign' : verdict.kind, { why });
  }

  /** Until the child ends. One that does not answer any more is ended. */
  async #watch(child: Child): Promise<void> {
    const sidecar = watched(child);
    const { timing } = this.#options;
    const untilMs = (await this.#ports.clock.monotonicMs()) + timing.readyWithinMs;
    for (let answered = false, failures = 0; !sidecar.ended; ) {
      if (await this.#answers(child)) {
        if (!answered) await this.#unlessStopping(() => this.#noteReady(child));
        answered = true;
        failures = 0;
      } else failures++;
      const late = !answered && (await this.#ports.clock.monotonicMs()) > untilMs;
      if (!sidecar.ended && (late || (answered && failures >= timing.failedProbes)))
        await this.#signalChild('SIGKILL');
      await Promise.race([child.exited, this.#ports.clock.sleep(timing.healthEveryMs)]);
    }
  }

  /** It answers with its PID: another process that has the TCP port does not count. */
  async #answers({ pid }: Child): Promise<boolean> {
    const { address, timing } = this.#options;
    const answered = await ask(this.#ports, address, HEALTH_PATH, timing.healthTimeoutMs);
    return answered?.status === 200 && answered.body === `${pid}`;
  }

  async #noteReady({ pid }: Child): Promise<void> {
    this.#ports.mark('ready', { pid });
    const { directory } = this.#options;
    const write = async (): Promise<void> => {
      await this.#ports.fs.mkdir(directory, { recursive: true });
      await writeProcessFile(this.#ports, directory, PID_FILES, `${pid}`, this.#self);
    };
    await orElse(write(), undefined);
  }

  #removePidFile(): Promise<void> {
    const path = `${this.#options.directory}/${processFileName(PID_FILES, this.#self)}`;
    return orElse(this.#ports.fs.unlink(path), undefined);
  }

  /** And the group that it leads. By its start time too: by the time the signal comes it may have been reaped. */
  async #signalChild(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child === null) return;
    const { pid, startTicks } = this.#child;
    await orElse(this.#ports.process.killExactly({ pid: -pid, startTicks }, signal), undefined);
  }
}

/** `null` if the command line names none, or one of another PID namespace, which has no meaning here. */
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
