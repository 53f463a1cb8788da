/** `openchrome serve`: the session that owns a Chrome, and what a refused session does. */
import { type Diagnosis, serveDegraded } from '../../../model/index.ts';
import type { Ports, Program } from '../../../ports/index.ts';
import { answer, ask, listenIfFree } from '../../vocabulary/index.ts';
import { EXIT_REFUSED, EXIT_RELEASED, LIMITS } from '../constants.ts';
import { BROKER_PORT, CDP_PORT, cdpAddress, LOCK, PROFILE } from '../setup.ts';
import { autoConnect } from './auto-connect.ts';
import { publishBroker, removeBroker, resolveBroker } from './broker-file.ts';
import { answersCdp, flagOf } from './chrome.ts';
import { acquire, heartbeat, type LockRecord, recordOf, release } from './controller-lock.ts';
import { FALLBACK, HEADLESS, Launcher, type LauncherOptions, MANAGED } from './launcher.ts';
import { reap } from './markers.ts';
import { stdioAddress } from './stdio.ts';
import { acquireHealthAware } from './takeover.ts';
import { type ReleaseRule, watch } from './watchdog.ts';

/** What a version of openchrome does; 1.12.7 does none of it. */
export interface Version {
  /** #1477, and the heartbeat that it relies on. */
  takesOver: boolean;
  /** #1478. */
  releases: ReleaseRule;
  /** #1479. */
  explains: boolean;
  /** G2: which Chromes get a marker, and so can be reaped. */
  marks: 'managed' | 'all';
}

export const BEFORE: Version = { takesOver: false, releases: 'never', explains: false, marks: 'managed' };
export const AFTER: Version = { takesOver: true, releases: 'failures', explains: true, marks: 'all' };

export interface SessionOptions extends LauncherOptions {
  /** Relaunches that went well before the run. */
  relaunches?: number;
  /** Whether it starts a headed fallback and a headless Chrome too. */
  descendants?: boolean;
}

/** `openchrome serve --auto-launch`, with `--stdio=`, `--hostname=`, `--broker`, `--connect-broker` and `--auto-connect=`. */
export function serve(version: Version, options: SessionOptions = {}): Program {
  return async (ports, argv) => {
    if (argv.includes('--connect-broker')) return connect(ports, argv, version);
    const userDataDir = flagOf(argv, 'auto-connect');
    // It starts no Chrome, so it takes no lock.
    if (userDataDir !== null) return autoConnect(ports, userDataDir);
    const hostname = flagOf(argv, 'hostname') ?? (await ports.process.self()).hostname;
    const acquired = version.takesOver
      ? await acquireHealthAware(ports, hostname, argv)
      : await acquire(ports, await recordOf(ports, hostname, argv));
    if (acquired.kind === 'held') return new Session(ports, argv, version, options).run();
    ports.mark('lost');
    return version.explains ? explain(ports, argv, diagnosisOf(acquired.owner)) : EXIT_REFUSED;
  };
}

class Session {
  readonly #ports: Ports;
  readonly #argv: readonly string[];
  readonly #version: Version;
  readonly #options: SessionOptions;
  /** Calls that are synchronous in Node do not overlap within one process. */
  #lockWork: Promise<void> = Promise.resolve();
  #brokerListener: number | null = null;
  #launched: () => void = () => {};
  /** Tools wait for the first launch. */
  readonly #ready = new Promise<void>((resolve) => {
    this.#launched = resolve;
  });

  constructor(ports: Ports, argv: readonly string[], version: Version, options: SessionOptions) {
    this.#ports = ports;
    this.#argv = argv;
    this.#version = version;
    this.#options = options;
  }

  async run(): Promise<number> {
    const { mark } = this.#ports;
    mark('own');
    const launcher = await Launcher.open(this.#ports, this.#options);
    const ending = await Promise.race([
      this.#asked(),
      this.#keepChrome(launcher),
      this.#heartbeats(),
      this.#answerHost(),
      this.#answerClients(),
    ]);
    if (this.#brokerListener !== null) await this.#ports.net.close(this.#brokerListener);
    if (ending === EXIT_RELEASED) mark('self-release');
    else await launcher.endAll();
    await this.#exclusively(() => release(this.#ports));
    mark('release');
    if (this.#argv.includes('--broker')) await removeBroker(this.#ports);
    return ending;
  }

  #asked(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#ports.process.onSignal(['SIGTERM'], () => resolve(0)).catch(reject);
    });
  }

  async #keepChrome(launcher: Launcher): Promise<number> {
    const { relaunches = 0, descendants = false } = this.#options;
    const profiles = [MANAGED, FALLBACK, HEADLESS].map(({ userDataDir }) => userDataDir);
    await reap(this.#ports, profiles);
    await launcher.launch(MANAGED);
    this.#launched();
    for (const kind of descendants ? [FALLBACK, HEADLESS] : []) {
      await launcher.launch(kind, { marked: this.#version.marks === 'all' });
    }
    this.#ports.mark('up');
    await watch(this.#ports, launcher, this.#version.releases, relaunches);
    return EXIT_RELEASED;
  }

  async #heartbeats(): Promise<number> {
    if (!this.#version.takesOver) return new Promise(() => {});
    const { clock, process } = this.#ports;
    const { pid } = await process.self();
    for (;;) {
      await clock.sleep(LIMITS.heartbeatMs);
      if (!(await answersCdp(CDP_PORT, this.#ports))) continue;
      await this.#exclusively(() => heartbeat(this.#ports, pid));
    }
  }

  #exclusively(work: () => Promise<void>): Promise<void> {
    this.#lockWork = this.#lockWork.then(work);
    return this.#lockWork;
  }

  /** What its own host asks; a tool needs Chrome. */
  async #answerHost(): Promise<number> {
    const path = flagOf(this.#argv, 'stdio');
    if (path === null) return new Promise(() => {});
    const { net } = this.#ports;
    const listener = await net.listen(stdioAddress(path));
    for (;;) {
      const { request, body } = await net.accept(listener);
      const { method } = JSON.parse(body) as { method: string };
      if (method === 'tools/call') await this.#ready;
      const works = method !== 'tools/call' || (await answersCdp(CDP_PORT, this.#ports));
      const reply = works ? { result: {} } : { error: { code: -32_000, message: 'Chrome is not reachable' } };
      await answer(this.#ports, request, JSON.stringify({ jsonrpc: '2.0', id: 1, ...reply }));
    }
  }

  /** With `--broker`: an endpoint for others, and its file. */
  async #answerClients(): Promise<number> {
    if (!this.#argv.includes('--broker')) return new Promise(() => {});
    for (;;) {
      this.#brokerListener = await listenIfFree(this.#ports, cdpAddress(BROKER_PORT));
      if (this.#brokerListener !== null) break;
      // The one before may still be ending.
      await this.#ports.clock.sleep(LIMITS.brokerLookEveryMs);
    }
    await publishBroker(this.#ports);
    for (;;) {
      const { request, path } = await this.#ports.net.accept(this.#brokerListener);
      await answer(this.#ports, request, path === '/health' ? '{"status":"ok"}' : 'done');
    }
  }
}

/** A client of the broker, or an explanation if the version gives one. */
async function connect(ports: Ports, argv: readonly string[], version: Version): Promise<number> {
  const broker = await resolveBroker(ports);
  if (broker === null) {
    ports.mark('no-broker');
    return version.explains ? explain(ports, argv, NO_BROKER) : EXIT_REFUSED;
  }
  ports.mark('attached');
  const asked = await ask(ports, cdpAddress(BROKER_PORT), '/mcp', LIMITS.cdpTimeoutMs);
  if (asked?.status === 200) ports.mark('brokered');
  return 0;
}

/** If a host listens, in its protocol: 0 if it has listened to the end, else 2. */
async function explain(ports: Ports, argv: readonly string[], diagnosis: Diagnosis): Promise<number> {
  const path = flagOf(argv, 'stdio');
  if (path === null) return EXIT_REFUSED;
  const listener = await ports.net.listen(stdioAddress(path));
  ports.mark('degraded');
  return (await serveDegraded(ports, listener, diagnosis, { name: 'openchrome' })) ? 0 : EXIT_REFUSED;
}

function diagnosisOf({ pid, port, userDataDir }: LockRecord): Diagnosis {
  return {
    why: `another openchrome controls the Chrome on TCP port ${port}`,
    tcpPort: port,
    profile: userDataDir,
    ownerPid: pid,
    lockPath: LOCK,
    remediations: [
      'use the session that owns it, or stop that session first',
      'give this session a --port and a --user-data-dir of its own',
      'share one owner: start it with --broker, and this one with --connect-broker',
    ],
  };
}

const NO_BROKER: Diagnosis = {
  why: 'no broker is published for this Chrome',
  tcpPort: CDP_PORT,
  profile: PROFILE,
  ownerPid: null,
  lockPath: LOCK,
  remediations: ['start one with: openchrome serve --auto-launch --broker'],
};
