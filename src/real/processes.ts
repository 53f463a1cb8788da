import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { monotonicMs } from '../node/clock.ts';
import { type Host, hostOf } from '../node/host.ts';
import { kill } from '../node/signals.ts';
import type { ProcessIdentity, Signal } from '../ports/index.ts';

/** Inherited by all that is started here, and by their children: by its value they are found again. */
const MARKER = 'ONE_SURVIVOR_RACE';
const READY = 'ready\n';
const OUTPUT_LIMIT = 16_384;
const POLL_MS = 10;
const GONE_WITHIN_MS = 10_000;
/** Longer than an execve(2) takes, unless its file is on a disk that does not answer. */
const EXEC_WITHIN_MS = 1_000;
const LOOKS = 3;

export interface Ending {
  readonly code: number | null;
  readonly signal: Signal | null;
  /** When we saw it, on CLOCK_MONOTONIC. */
  readonly atMs: number;
}

export interface StartOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** On top of this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * The program keeps to this: it writes the line `ready` to its standard output, waits for a byte on its standard input
   * before it does anything else, and stops when that input ends. So many can start in the same moment, and none outlives
   * us, whatever ends us.
   */
  readonly leash?: boolean;
  /** It is not of the system under test, which must not signal it. */
  readonly foreign?: boolean;
}

/** A child that we started and have not let go of: as long as `ending` is null nobody else can bear its PID. */
export class RealProcess implements ProcessIdentity {
  readonly name: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly exited: Promise<Ending>;
  readonly foreign: boolean;
  ending: Ending | null = null;
  readonly #child: ChildProcess;
  #output = '';

  constructor(
    { name, foreign = false }: StartOptions,
    child: ChildProcess & { pid: number },
    startTicks: number,
  ) {
    this.name = name;
    this.foreign = foreign;
    this.pid = child.pid;
    this.startTicks = startTicks;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.ending = { code, signal: signal as Signal | null, atMs: monotonicMs() };
        resolve(this.ending);
      });
    });
    // It may end before it reads.
    child.stdin?.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        if (this.#output.length < OUTPUT_LIMIT) this.#output += chunk;
      });
    }
  }

  /** What it has written to both its outputs, the beginning of it. */
  get output(): string {
    return this.#output;
  }

  /** The same, but for what one on a leash says to us. */
  get said(): string {
    return this.#output.replace(READY, '').trim();
  }

  /** Of one on a leash. */
  get isReady(): boolean {
    return this.#output.startsWith(READY);
  }

  /** Lets one on a leash go ahead; it may not even be ready. */
  go(): void {
    this.#child.stdin?.write('.');
  }

  /** False: it has ended, nobody was signalled. */
  signal(signal: Signal): boolean {
    return this.ending === null && this.#child.kill(signal);
  }

  /** For a parent that is about to end and must not wait for grandchildren that hold these. */
  release(): void {
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
  }
}

/**
 * Real processes, and the certainty that they and their descendants are gone afterwards, also if this process is
 * interrupted (SIGINT, SIGTERM, SIGHUP) or fails. Only what was started here is ever signalled: a child by its PID before it
 * is reaped, a descendant by PID and start time and a secret word in its environment. (A descendant that gives itself a new
 * environment is not found. And if this process is ended by SIGKILL, only those on a leash end.)
 */
export class Processes {
  readonly #host: Host = hostOf(process.platform);
  readonly #word = randomBytes(16).toString('hex');
  readonly #started: RealProcess[] = [];

  /** @throws when the program cannot be started */
  async start(options: StartOptions): Promise<RealProcess> {
    const { command, env = {}, leash = false } = options;
    watchOver(this);
    const [file = '', ...args] = command;
    // Whoever started us finds them too.
    const words = [process.env[MARKER] ?? '', this.#word];
    const child = spawn(file, args, {
      stdio: [leash ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env, [MARKER]: words.join(' ') },
    });
    const { pid } = child;
    if (pid === undefined) return new Promise((_, reject) => child.once('error', reject));
    child.on('error', () => {});
    // It cannot have been reaped before this turn ends.
    const startTicks = this.#host.startTicks(pid);
    const started = new RealProcess(options, Object.assign(child, { pid }), startTicks);
    this.#started.push(started);
    return started;
  }

  get started(): readonly RealProcess[] {
    return this.#started;
  }

  get alive(): readonly RealProcess[] {
    return this.#started.filter(({ ending }) => ending === null);
  }

  isAlive({ pid, startTicks }: ProcessIdentity): boolean {
    const info = this.#infoOf(pid);
    return info !== null && info.startTicks === startTicks && info.state !== 'zombie';
  }

  /** Children of our children, and theirs, whoever has adopted them. */
  descendants(): ProcessIdentity[] {
    const own = new Set(this.alive.map(({ pid }) => pid));
    return this.#host.listProcesses().flatMap((pid) => {
      // Nearly everybody is a stranger: one look says so.
      if (pid === process.pid || own.has(pid) || !hasWord(pid, this.#word)) return [];
      // Who bears the PID before and after a look is whom we look at.
      const info = this.#infoOf(pid);
      if (info === null || info.state === 'zombie' || !hasWord(pid, this.#word)) return [];
      return this.#infoOf(pid)?.startTicks === info.startTicks ? [{ pid, startTicks: info.startTicks }] : [];
    });
  }

  /** Ends all, and waits until they are gone. @returns who was there still */
  async end(): Promise<ProcessIdentity[]> {
    const there = new Map<string, ProcessIdentity>();
    const giveUpAtMs = monotonicMs() + GONE_WITHIN_MS;
    // Twice: while we look through the table the first time, one that ends may have left a child behind our back.
    for (let clean = 0; clean < 2; ) {
      clean = this.#sweep(there) ? clean + 1 : 0;
      if (clean > 0) continue;
      const pids = this.#pidsOf(there);
      if (pids.length > 0 && monotonicMs() > giveUpAtMs)
        throw new Error(`outlive SIGKILL: PIDs ${pids.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    for (const started of this.#started) started.release();
    unwatch(this);
    return [...there.values()];
  }

  /** The same without a turn of the event loop, for a process that is about to end. */
  endNow(): void {
    const there = new Map<string, ProcessIdentity>();
    const giveUpAtMs = monotonicMs() + GONE_WITHIN_MS;
    for (let clean = 0; clean < 2 && monotonicMs() < giveUpAtMs; ) {
      this.#sweep(there);
      clean = this.#pidsOf(there).length === 0 ? clean + 1 : 0;
      if (clean === 0) pauseNow(POLL_MS);
    }
  }

  /** @param there gets whom it finds @returns whether nobody is left */
  #sweep(there: Map<string, ProcessIdentity>): boolean {
    const found = [...this.alive, ...this.descendants()];
    for (const { pid, startTicks } of found) there.set(`${pid}.${startTicks}`, { pid, startTicks });
    this.#kill(found);
    // Who is on its way out has no environment any more, and is there still.
    return found.length === 0 && this.#pidsOf(there).length === 0;
  }

  #pidsOf(there: ReadonlyMap<string, ProcessIdentity>): number[] {
    return [...there.values()].filter((identity) => this.isAlive(identity)).map(({ pid }) => pid);
  }

  #kill(identities: readonly ProcessIdentity[]): void {
    for (const identity of identities) {
      if (identity instanceof RealProcess) identity.signal('SIGKILL');
      else this.signal(identity, 'SIGKILL');
    }
  }

  /** Signals this very process, or none. */
  signal({ pid, startTicks }: ProcessIdentity, signal: Signal): boolean {
    try {
      kill(this.#host, { op: 'kill', pid, signal, startTicks });
      return true;
    } catch {
      return false;
    }
  }

  #infoOf(pid: number) {
    try {
      return this.#host.processInfo(pid);
    } catch {
      return null;
    }
  }
}

/** Linux shows the environment that a process was started with, to its user; macOS prints it after the command. */
function hasWord(pid: number, word: string): boolean {
  try {
    if (process.platform === 'linux') return environmentOf(pid).includes(word);
    return execFileSync('ps', ['-Eww', '-o', 'command=', '-p', String(pid)], { encoding: 'latin1' }).includes(
      word,
    );
  } catch {
    return false;
  }
}

/**
 * Empty: it has none, or is on its way out, or none of ours. In the middle of execve(2) a process has a new memory already,
 * and no environment in it yet. A machine that has other things to do can leave it there for a while: we look again.
 */
function environmentOf(pid: number): string {
  const giveUpAtMs = monotonicMs() + EXEC_WITHIN_MS;
  // It may have come out of execve(2) between two looks, and have gone into the next.
  for (let empty = 0; empty < LOOKS && monotonicMs() < giveUpAtMs; ) {
    const text = readFileSync(`/proc/${pid}/environ`, 'latin1');
    if (text !== '') return text;
    const { bytes, startCode } = memoryOf(pid);
    if (bytes === '0') return '';
    if (startCode === '0') pauseNow(1);
    else empty++;
  }
  return '';
}

/** From proc_pid_stat(5). The kernel says where the program's code starts when all else is in place. */
function memoryOf(pid: number) {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { bytes: fields[20], startCode: fields[23] };
}

/** Without a turn of the event loop. */
function pauseNow(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const watched = new Set<Processes>();

function watchOver(processes: Processes): void {
  if (watched.size === 0) {
    process.on('exit', endWatched);
    for (const signal of INTERRUPTS) process.on(signal, interrupted);
  }
  watched.add(processes);
}

function unwatch(processes: Processes): void {
  if (!watched.delete(processes) || watched.size > 0) return;
  process.off('exit', endWatched);
  for (const signal of INTERRUPTS) process.off(signal, interrupted);
}

function endWatched(): void {
  for (const processes of watched) processes.endNow();
}

/** Ends all, and then this process with the exit code for that, unless somebody else listens too. */
function interrupted(signal: NodeJS.Signals): void {
  endWatched();
  if (process.listenerCount(signal) === 1) process.exit(128 + os.constants.signals[signal]);
}
