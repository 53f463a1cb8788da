/** Starts real processes, and ends all of them and their descendants. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { monotonicMs } from '../node/clock.ts';
import { type Host, hostOf } from '../node/host.ts';
import { kill } from '../node/signals.ts';
import type { ProcessIdentity, Signal } from '../ports/index.ts';
import { hasWord } from './environment.ts';
import { pauseNow } from './pause.ts';
import { RealProcess, type StartOptions } from './real-process.ts';
import { unwatch, watchOver } from './watch-over.ts';

/** An environment variable that all processes started here and their descendants inherit, by which they are found. */
export const MARKER = 'ONE_SURVIVOR_RACE';
const POLL_MS = 10;
const GONE_WITHIN_MS = 10_000;

/**
 * Real processes, which are ended with all their descendants, even if this process is interrupted (SIGINT, SIGTERM, SIGHUP) or
 * fails. Only processes started here are ever signalled: a child by its PID before it is reaped, a descendant by PID, start time
 * and a secret word in its environment. (A descendant that replaces its environment is not found. If this process is ended by
 * SIGKILL, only processes on a leash end.)
 */
export class Processes {
  readonly #host: Host = hostOf(process.platform);
  readonly #word = randomBytes(16).toString('hex');
  readonly #started: RealProcess[] = [];

  /** @throws if the program cannot be started */
  async start(options: StartOptions): Promise<RealProcess> {
    const { command, env = {}, leash = false } = options;
    watchOver(this);
    const [file = '', ...args] = command;
    // The process that started this one can find them too.
    const words = [process.env[MARKER] ?? '', this.#word];
    const child = spawn(file, args, {
      stdio: [leash ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env, [MARKER]: words.join(' ') },
    });
    const { pid } = child;
    if (pid === undefined) return new Promise((_, reject) => child.once('error', reject));
    child.on('error', () => {});
    // It cannot be reaped before the end of this turn of the event loop.
    const startTicks = this.#host.startTicks(pid);
    const started = new RealProcess(options, Object.assign(child, { pid }), startTicks);
    this.#started.push(started);
    return started;
  }

  /** All processes started here, and their descendants, have it in their environment. */
  get word(): string {
    return this.#word;
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

  /** All descendants of our children, regardless of their current parent. */
  descendants(): ProcessIdentity[] {
    const own = new Set(this.alive.map(({ pid }) => pid));
    return this.#host.listProcesses().flatMap((pid) => {
      // The fast path, because almost all processes are unrelated.
      if (pid === process.pid || own.has(pid) || !hasWord(pid, this.#word)) return [];
      // Read the identity before and after the environment, so that both belong to the same process.
      const info = this.#infoOf(pid);
      if (info === null || info.state === 'zombie' || !hasWord(pid, this.#word)) return [];
      return this.#infoOf(pid)?.startTicks === info.startTicks ? [{ pid, startTicks: info.startTicks }] : [];
    });
  }

  /** Ends all processes, and waits until they are gone. @returns those that were still running */
  async end(): Promise<ProcessIdentity[]> {
    const there = new Map<string, ProcessIdentity>();
    const giveUpAtMs = monotonicMs() + GONE_WITHIN_MS;
    // Twice: during the first pass, a process may have started a child that was missed.
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

  /** The same without a turn of the event loop, for a process that is about to exit. */
  endNow(): void {
    const there = new Map<string, ProcessIdentity>();
    const giveUpAtMs = monotonicMs() + GONE_WITHIN_MS;
    for (let clean = 0; clean < 2 && monotonicMs() < giveUpAtMs; ) {
      this.#sweep(there);
      clean = this.#pidsOf(there).length === 0 ? clean + 1 : 0;
      if (clean === 0) pauseNow(POLL_MS);
    }
  }

  /** @param there receives the processes found @returns whether none is left */
  #sweep(there: Map<string, ProcessIdentity>): boolean {
    const found = [...this.alive, ...this.descendants()];
    for (const { pid, startTicks } of found) there.set(`${pid}.${startTicks}`, { pid, startTicks });
    this.#kill(found);
    // A process that is exiting has no environment any more, but still exists.
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

  /** Signals exactly this process, or none. */
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
