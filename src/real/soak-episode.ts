/** A fresh state directory with real owners, for some rounds of a soak: it starts them, waits until one serves, and judges them at the end. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Claim, EXIT, HEALTH_PATH, parseClaim } from '../model/index.ts';
import { monotonicMs } from '../node/clock.ts';
import { NodeMachine, TRACE_VARIABLE } from '../node/index.ts';
import { type Ports, portsOf } from '../ports/index.ts';
import { freePort } from './free-port.ts';
import { Processes } from './processes.ts';
import { tracePath, until, witnessesOf } from './race.ts';
import type { RealProcess } from './real-process.ts';
import { judge } from './trace-checker.ts';

/** A PID namespace of its own, whose processes end with it. */
const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];
/** Exit codes that say what has become of a start. */
const DEFINED = [0, 69, 70, 74, 75];
const PROBE_MS = 1_000;
const STOP_WITHIN_MS = 30_000;
const TIDY_WITHIN_MS = 30_000;

export interface EpisodeOptions {
  /** The command of a contender: on a leash, with a trace. */
  readonly command: (directory: string, tcpPort: number) => readonly string[];
  /** How long it may take until one owner serves again, in milliseconds. */
  readonly recoverWithinMs: number;
  readonly isStopped: () => boolean;
}

export class Episode {
  readonly processes = new Processes();
  readonly violations: string[] = [];
  /** What blocked starts have said. */
  readonly blocked: string[] = [];
  readonly directory: string;
  /** What the soak itself has put into the directory. */
  readonly planted = new Set<string>();
  readonly tcpPort: number;
  readonly #root: string;
  readonly #options: EpisodeOptions;
  readonly #ports: Ports = portsOf(new NodeMachine(), null);
  readonly #remove: () => void;
  #number = 0;

  private constructor(options: EpisodeOptions, tcpPort: number) {
    this.#options = options;
    this.tcpPort = tcpPort;
    this.#root = mkdtempSync(join(tmpdir(), 'one-survivor-soak-'));
    this.directory = join(this.#root, 'state');
    mkdirSync(join(this.#root, 'traces'));
    mkdirSync(this.directory, { mode: 0o700 });
    this.#remove = () => rmSync(this.#root, { recursive: true, force: true });
    // Also if this process is interrupted.
    process.on('exit', this.#remove);
  }

  static async open(options: EpisodeOptions): Promise<Episode> {
    return new Episode(options, await freePort());
  }

  /** Starts contenders at the same moment. */
  async start(count: number, contained = false): Promise<readonly RealProcess[]> {
    const own = this.#options.command(this.directory, this.tcpPort);
    const started: RealProcess[] = [];
    for (let i = 0; i < count; i++) {
      const name = `${contained ? 'contained' : 'daemon'}#${++this.#number}`;
      const env = { [TRACE_VARIABLE]: tracePath(join(this.#root, 'traces'), name) };
      const command = contained ? [...CONTAINER, ...own] : own;
      started.push(await this.processes.start({ name, command, leash: true, env }));
    }
    const areReady = () => started.every(({ isReady, ending }) => isReady || ending !== null);
    await this.#until(areReady, this.#options.recoverWithinMs);
    for (const each of started) each.go();
    return started;
  }

  /** The process itself, also of one in a container: what was started is its parent there. */
  pidOf(started: RealProcess): number {
    const { pid } = started;
    if (!isContained(started)) return pid;
    const inside = textOf(`/proc/${pid}/task/${pid}/children`).trim().split(' ')[0];
    return inside ? Number(inside) : pid;
  }

  /** The children that owners keep. */
  helpers(): number[] {
    return this.processes
      .descendants()
      .map(({ pid }) => pid)
      .filter((pid) => textOf(`/proc/${pid}/cmdline`).includes('--as-helper'));
  }

  /** The newest claim. */
  head(): { generation: number; claim: Claim | null } | null {
    const [generation] = this.names()
      .flatMap((name) => /^gen-(\d+)$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
    if (generation === undefined) return null;
    return { generation, claim: parseClaim(textOf(join(this.directory, `gen-${generation}`))) };
  }

  names(): string[] {
    try {
      return readdirSync(this.directory);
    } catch {
      return [];
    }
  }

  /**
   * Waits until one process is left, the newest claim is its, and the TCP port answers with the nonce of that claim.
   *
   * @returns after how many milliseconds; `null` if not in time, or if the soak was stopped
   */
  async recovers(after: string): Promise<number | null> {
    const fromMs = monotonicMs();
    let seen = '';
    for (;;) {
      const { alive } = this.processes;
      const head = this.head();
      const nonce = await this.#answer();
      if (alive.length === 1 && head?.claim?.kind === 'owner' && head.claim.nonce === nonce)
        return monotonicMs() - fromMs;
      seen = `${alive.map(({ name }) => name).join(' and ') || 'none'} of the processes left, the newest claim is ${head?.claim?.kind ?? 'none'} of PID ${head?.claim?.pid ?? 'none'}, the port ${nonce === null ? 'does not answer' : 'answers'}`;
      if (this.#options.isStopped()) return null;
      if (monotonicMs() - fromMs > this.#options.recoverWithinMs) break;
      // Nothing was running any more, for example because a start had found an owner that was about to end.
      if (alive.length === 0) await this.start(1);
      await this.#ports.clock.sleep(50);
    }
    this.violations.push(`one owner serves after "${after}": ${seen}`);
    return null;
  }

  /** Waits until a stopped owner has been ended by the next one. */
  async replaces(owner: RealProcess, after: string): Promise<void> {
    if (await this.#until(() => owner.ending !== null, this.#options.recoverWithinMs)) return;
    this.violations.push(`an owner is replaced after "${after}": ${owner.name} is still there`);
  }

  async #answer(): Promise<string | null> {
    try {
      const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: this.tcpPort } as const;
      const { body } = await this.#ports.probe.request(address, { path: HEALTH_PATH, body: '' }, PROBE_MS);
      return (JSON.parse(body) as { nonce?: string }).nonce ?? null;
    } catch {
      return null;
    }
  }

  /** Stops the owner, looks for what is left, and judges the traces of all. @returns how starts have ended, by exit code */
  async close(): Promise<ReadonlyMap<string, number>> {
    if (!this.#options.isStopped() && this.violations.length === 0) await this.#stop();
    const commands = new Map(
      this.processes
        .descendants()
        .map(({ pid }) => [pid, textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')]),
    );
    const left = await this.processes.end();
    const isOver = this.#options.isStopped();
    if (!isOver && this.violations.length === 0 && left.length > 0) {
      const named = left.map(({ pid }) => `${pid} ${commands.get(pid) ?? ''}`.trimEnd());
      this.violations.push(`nothing is left behind: PIDs ${named.join(', ')}`);
    }
    const ends = new Map<string, number>();
    for (const started of this.processes.started) {
      const { name, ending, said } = started;
      const code = wasKilledInside(started) ? null : ending?.code;
      const how = String(code ?? (ending === null ? 'running' : (ending.signal ?? 'SIGKILL')));
      ends.set(how, (ends.get(how) ?? 0) + 1);
      if (code === EXIT.blocked) this.blocked.push(`${name}: ${said}`);
      if (code != null && !DEFINED.includes(code) && code < 128)
        this.violations.push(`a start ends with a defined exit code: ${name} with ${how}: ${said}`);
    }
    const { verdicts } = judge(witnessesOf(this.processes.started, join(this.#root, 'traces')));
    for (const { name, complaint } of verdicts)
      if (complaint !== null) this.violations.push(`${name}: ${complaint}`);
    this.#remove();
    process.off('exit', this.#remove);
    return ends;
  }

  async #stop(): Promise<void> {
    const isTidy = () => this.#litter().length === 0;
    if (!(await this.#until(isTidy, TIDY_WITHIN_MS)))
      this.violations.push(`the owner tidies up: ${this.#litter().join(', ')}`);
    const wasContained = this.processes.alive.some(isContained);
    await this.#stopAll();
    if (wasContained) {
      // One in a container cannot see the orphans of those outside: the next one there ends them.
      await this.start(1);
      await this.recovers('a stop in a container');
      await this.#stopAll();
    }
    const names = this.names().filter((name) => !this.planted.has(name) && !isOfContainer(name));
    if (names.length !== 1 || this.head()?.claim?.kind !== 'free')
      this.violations.push(`an owner that is asked to stop leaves one free claim: ${names.join(', ')}`);
  }

  async #stopAll(): Promise<void> {
    for (const each of this.processes.alive) process.kill(this.pidOf(each), 'SIGTERM');
    await this.#until(() => this.processes.alive.length === 0, STOP_WITHIN_MS);
  }

  /** Files of processes that have ended. */
  #litter(): string[] {
    const living = new Set(this.processes.alive.map((each) => this.pidOf(each)));
    return this.names().filter((name) => {
      const pid = /^(?:tmp|sock|cert|exempt)-(\d+)-/.exec(name)?.[1];
      return pid !== undefined && !living.has(Number(pid)) && !isOfContainer(name);
    });
  }

  #until(holds: () => boolean, withinMs: number): Promise<boolean> {
    return until(() => this.#options.isStopped() || holds(), withinMs);
  }
}

/** Whether it was started in a PID namespace of its own. */
export function isContained({ name }: Pick<RealProcess, 'name'>): boolean {
  return name.startsWith('contained');
}

/** unshare(1) says so of a process that SIGKILL has ended, and exits with 1: it cannot reset the action of that signal to end by it too. */
function wasKilledInside(started: RealProcess): boolean {
  return isContained(started) && started.said.includes('sigprocmask unblock failed');
}

/** The first PIDs of a PID namespace: others cannot tell whether their processes have ended, and wait for an hour. */
function isOfContainer(name: string): boolean {
  return /^[a-z]+-\d{1,2}-/.test(name);
}

/** Empty if it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
