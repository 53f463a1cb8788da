import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Claim, ownerOf, parseClaim, type Timing } from '../../src/model/index.ts';
import { readVariable } from '../../src/node/identity.ts';
import type { ProcessIdentity } from '../../src/ports/index.ts';
import {
  type Ending,
  freePort,
  type Judgement,
  judge,
  Processes,
  type RealProcess,
  readTrace,
  type TraceRecord,
  tracePath,
  until,
  witnessesOf,
} from '../../src/real/index.ts';
import type { Compiled } from './compile.ts';

/** As short as two busy cores allow. Keeps the relations that {@link Timing} states. */
export const TIMING: Timing = {
  probeEveryMs: 100,
  probeTimeoutMs: 750,
  failedProbes: 2,
  bootGraceMs: 1_500,
  leaseMs: 800,
  hangMs: 3_000,
  challengeMs: 1_500,
  termGraceMs: 250,
  killGraceMs: 1_000,
  selfCheckMs: 200,
  tidyEveryMs: 500,
  patienceMs: 60_000,
};

/** For processes that must find each other healthy even if they wait for a core: none is considered dead. */
export const PATIENT = {
  probeTimeoutMs: 5_000,
  bootGraceMs: 15_000,
  leaseMs: 5_000,
  challengeMs: 10_000,
} satisfies Partial<Timing>;

/** For whatever must come true: far beyond what it takes, so that only a machine that stands still fails. */
const DEADLINE_MS = 60_000;
const ANSWER_MS = 20_000;

/** `--mount-proc` shows it its own processes only, as in a container. Only root may do that everywhere. */
const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];

/** How a daemon is started, if not as usual. */
interface Start {
  /** The words before its command. */
  readonly within?: readonly string[];
  readonly source?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A state directory, a TCP port and the processes of one test. */
export class Arena {
  readonly root = mkdtempSync(join(tmpdir(), 'one-survivor-e2e-'));
  readonly state = join(this.root, 'state');
  readonly traces = join(this.root, 'traces');
  readonly processes = new Processes();
  readonly tcpPort: number;
  readonly #compiled: Compiled;
  /** Everybody who was ever seen here, grandchildren too. */
  readonly #seen = new Map<string, ProcessIdentity>();

  static async open(compiled: Compiled): Promise<Arena> {
    return new Arena(compiled, await freePort());
  }

  constructor(compiled: Compiled, tcpPort: number) {
    this.#compiled = compiled;
    this.tcpPort = tcpPort;
    mkdirSync(this.state);
    mkdirSync(this.traces);
  }

  /** A daemon with a helper. */
  async start(name: string, timing: Partial<Timing> = {}): Promise<RealProcess> {
    const process = await this.#prepare(name, timing);
    process.go();
    return process;
  }

  /** So many daemons, which contend in the same moment. Two cores will be busy. */
  async startAtOnce(count: number, name: string): Promise<RealProcess[]> {
    const starts: RealProcess[] = [];
    for (let number = 1; number <= count; number++) {
      starts.push(await this.#prepare(`${name}#${number}`, PATIENT));
    }
    await this.eventually('all are ready', () => starts.every(({ isReady }) => isReady));
    for (const process of starts) process.go();
    return starts;
  }

  /** A daemon in a PID namespace of its own, where it has PID 1. The process is that of `unshare`: with it, all of the namespace ends. */
  async startInContainer(name: string, timing: Partial<Timing> = {}): Promise<RealProcess> {
    const process = await this.#prepare(name, timing, { within: CONTAINER });
    process.go();
    return process;
  }

  /** A daemon whose event loop blocks at SIGUSR2 until {@link unblock}: it is not stopped, and does not answer. */
  async startBlocking(name: string, timing: Partial<Timing> = {}): Promise<RealProcess> {
    const source = 'fixtures/daemons/blocking.ts';
    const process = await this.#prepare(name, timing, { source, env: { BLOCKED_UNTIL: this.#unblocked } });
    process.go();
    return process;
  }

  unblock(): void {
    writeFileSync(this.#unblocked, '');
  }

  get #unblocked(): string {
    return join(this.traces, 'unblocked');
  }

  #prepare(
    name: string,
    timing: Partial<Timing>,
    { within = [], source = 'src/cli/daemon-process.ts', env = {} }: Start = {},
  ): Promise<RealProcess> {
    const json = JSON.stringify({ ...TIMING, ...timing });
    const where = ['--directory', this.state, '--tcp-port', String(this.tcpPort), '--timing', json];
    const script = this.script(source);
    return this.processes.start({
      name,
      command: [...within, process.execPath, script, ...where, '--helper', '--leash'],
      leash: true,
      env: { ...env, ONE_SURVIVOR_TRACE: tracePath(this.traces, name) },
    });
  }

  /** A process that must not be touched. */
  stranger(script: string): Promise<RealProcess> {
    return this.processes.start({
      name: 'stranger',
      command: [process.execPath, '-e', script],
      foreign: true,
    });
  }

  /** Any script under Node, with a trace. */
  run(name: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RealProcess> {
    return this.processes.start({
      name,
      command: [process.execPath, ...argv],
      env: { ...env, ONE_SURVIVOR_TRACE: tracePath(this.traces, name) },
    });
  }

  /** @param source as seen from the project */
  script(source: string): string {
    return this.#compiled.path(source);
  }

  /** A stranger that listens on our TCP port. @param answer what it does with a `request` and its `response` */
  async listen(answer = ''): Promise<RealProcess> {
    const script = `require('node:http').createServer((request, response) => { ${answer} })
      .listen(${this.tcpPort}, '127.0.0.1', () => console.log('up'))`;
    const stranger = await this.stranger(script);
    await this.eventually('the stranger listens', () => stranger.output === 'up\n');
    return stranger;
  }

  trace(process: RealProcess): readonly TraceRecord[] {
    return readTrace(tracePath(this.traces, process.name)).lines;
  }

  hasMarked(process: RealProcess, mark: string): boolean {
    return this.trace(process).some(({ op, args }) => op === 'mark' && args.name === mark);
  }

  judge(): Judgement {
    return judge(witnessesOf(this.processes.started, this.traces));
  }

  /** What others have left beside the state and the traces. */
  litter(): string[] {
    return readdirSync(this.root).filter((name) => !['state', 'traces'].includes(name));
  }

  names(): string[] {
    return readdirSync(this.state).sort();
  }

  path(name: string): string {
    return join(this.state, name);
  }

  /** The number of the newest generation. */
  newest(): number {
    const numbers = this.names().map((name) => Number(/^gen-(\d+)$/.exec(name)?.[1] ?? 0));
    return Math.max(0, ...numbers);
  }

  /** `null` if there is none, or if it cannot be read. */
  head(): Claim | null {
    try {
      return parseClaim(readFileSync(this.path(`gen-${this.newest()}`), 'utf8'));
    } catch {
      return null;
    }
  }

  /** The answer of a path on the TCP port, with a timeout much shorter than that of a test; `null` if there is none. */
  ask(path: string): Promise<{ status: number; body: string } | null> {
    return new Promise((resolve) => {
      const options = { host: '127.0.0.1', port: this.tcpPort, path, agent: false, timeout: ANSWER_MS };
      const request = http.get(options, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      request.on('timeout', () => request.destroy());
      request.on('close', () => resolve(null));
      request.on('error', () => resolve(null));
    });
  }

  /** The newest claim is one of an owner, which answers by it: wherever it runs. */
  async isServed(): Promise<boolean> {
    const head = this.head();
    if (head?.kind !== 'owner') return false;
    const answer = await this.ask('/health');
    return answer?.status === 200 && JSON.parse(answer.body).nonce === head.nonce;
  }

  /** This one's claim is the newest, and it answers by it. */
  async serves(process: RealProcess): Promise<boolean> {
    const head = this.head();
    if (head?.kind !== 'owner' || head.pid !== process.pid || head.startTicks !== process.startTicks)
      return false;
    return this.isServed();
  }

  async untilServes(process: RealProcess): Promise<void> {
    await this.eventually(`${process.name} serves`, () => this.serves(process));
  }

  /** It would stop cleanly if it were asked to: from a moment after it has begun to serve. */
  async untilStoppable(process: RealProcess): Promise<void> {
    await this.untilServes(process);
    const handles = (signal: string): boolean =>
      this.trace(process).some(({ op, args }) => op === 'sigaction' && args.signal === signal);
    await this.eventually(`${process.name} handles signals`, () =>
      ['SIGTERM', 'SIGINT', 'SIGHUP'].every(handles),
    );
  }

  /** How it ends by itself. */
  async endOf(process: RealProcess): Promise<Ending> {
    await this.eventually(`${process.name} ends`, () => process.ending !== null);
    return process.ending!;
  }

  /** Its children that live. */
  helpersOf(process: ProcessIdentity): ProcessIdentity[] {
    const helpers = this.processes.descendants().filter(({ pid }) => {
      const owner = ownerOf(commandOf(pid), this.state, markOf(pid));
      return owner?.pid === process.pid && owner.startTicks === process.startTicks;
    });
    for (const helper of helpers) this.#see(helper);
    return helpers;
  }

  /** Its helper, once there is one. */
  async helperOf(process: RealProcess): Promise<ProcessIdentity> {
    await this.eventually(`${process.name} has a helper`, () => this.helpersOf(process).length === 1);
    return this.helpersOf(process)[0]!;
  }

  async eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    if (await until(holds, DEADLINE_MS)) return;
    throw new Error(`not within ${DEADLINE_MS} ms: ${what}\n${this.#describe()}`);
  }

  /** Exactly one process is alive and owns, serves and works; all others have ended with one of these codes. */
  async expectOneSurvivor(survivor: RealProcess): Promise<void> {
    await this.untilServes(survivor);
    await this.eventually('the others leave', () => this.processes.alive.length === 1);
    expect(this.processes.alive).toEqual([survivor]);
    const works = async (): Promise<boolean> => (await this.ask('/work'))?.body === 'done';
    await this.eventually(`${survivor.name} works`, works);
    const { owners, verdicts } = this.judge();
    expect(owners.map(({ name }) => name)).toEqual([survivor.name]);
    for (const { name, complaint } of verdicts)
      expect({ name, complaint }).toEqual({ name, complaint: null });
  }

  /** Ends all that is left and makes sure that nothing of it remains. */
  async close(): Promise<void> {
    for (const started of this.processes.started) this.#see(started);
    for (const descendant of this.processes.descendants()) this.#see(descendant);
    try {
      for (const ended of await this.processes.end()) this.#see(ended);
    } finally {
      rmSync(this.root, { recursive: true, force: true });
    }
    const remaining = [...this.#seen.values()].filter((identity) => this.processes.isAlive(identity));
    expect(remaining).toEqual([]);
    expect(this.processes.descendants()).toEqual([]);
  }

  #see({ pid, startTicks }: ProcessIdentity): void {
    this.#seen.set(`${pid}.${startTicks}`, { pid, startTicks });
  }

  /** For debugging. */
  #describe(): string {
    const processes = this.processes.started.map((process) => {
      const ending = process.ending === null ? 'runs' : JSON.stringify(process.ending);
      const last = this.trace(process)
        .slice(-12)
        .map((line) => `    ${JSON.stringify(line).slice(0, 240)}`);
      return [`${process.name} (PID ${process.pid}): ${ending} ${process.output}`, ...last].join('\n');
    });
    return [`files: ${this.names().join(' ')}`, ...processes].join('\n');
  }
}

/** What its owner has put into its environment; `null`: nothing, or it has ended. */
function markOf(pid: number): string | null {
  try {
    return readVariable(pid, 'ONE_SURVIVOR_OWNER');
  } catch {
    return null;
  }
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
