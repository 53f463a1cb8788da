/** The registry of processes that came with the supervisor (#1370): a file of all that a worker has started, by PID. */
import type { Ports } from '../../../ports/index.ts';
import { isPidAlive, parseAny, signal } from '../../vocabulary/index.ts';
import { REGISTRY } from '../setup.ts';

/** How long a process may take to end after SIGTERM, and after SIGKILL. */
const TERM_MS = 5_000;
const KILL_MS = 1_000;
const POLL_MS = 100;

/** A line of the registry: no start time that could tell two processes with the same PID apart. */
interface Entry {
  readonly pid: number;
  /** The session that it works for; none for what works for all of them. */
  readonly session?: string;
}

/** What a worker has started, newest last. */
export class ProcessRegistry {
  readonly #ports: Ports;
  #entries: readonly Entry[] = [];

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** What an earlier worker has left, if its PID is in use. A file that cannot be parsed counts as empty. */
  async load(): Promise<void> {
    const found = parseAny<Entry[]>((await this.#ports.fs.readIfThere(REGISTRY)) ?? '');
    const alive: Entry[] = [];
    for (const entry of found ?? []) if (await isPidAlive(this.#ports, entry.pid)) alive.push(entry);
    this.#entries = alive;
    await this.#write();
  }

  async register(entry: Entry): Promise<void> {
    this.#entries = [...this.#entries, entry];
    await this.#write();
  }

  /** Ends the processes of one session. */
  reap(session: string): Promise<void> {
    return this.#end((entry) => entry.session === session);
  }

  /** Ends all of them, as the worker stops: the newest first. */
  endAll(): Promise<void> {
    return this.#end(() => true);
  }

  async #end(isMeant: (entry: Entry) => boolean): Promise<void> {
    const meant = this.#entries.filter(isMeant).reverse();
    let left: readonly Entry[] = meant;
    for (const [name, withinMs] of [
      ['SIGTERM', TERM_MS],
      ['SIGKILL', KILL_MS],
    ] as const) {
      for (const { pid } of left) await signal(this.#ports, pid, name);
      left = await this.#untilGone(left, withinMs);
      if (left.length === 0) break;
    }
    this.#entries = this.#entries.filter((entry) => !meant.includes(entry));
    await this.#write();
  }

  /** @returns those whose PID is still in use */
  async #untilGone(entries: readonly Entry[], withinMs: number): Promise<readonly Entry[]> {
    const { clock } = this.#ports;
    const untilMs = (await clock.wallMs()) + withinMs;
    for (let left: readonly Entry[] = entries; ; await clock.sleep(POLL_MS)) {
      const alive: Entry[] = [];
      for (const entry of left) if (await isPidAlive(this.#ports, entry.pid)) alive.push(entry);
      if (alive.length === 0 || (await clock.wallMs()) >= untilMs) return alive;
      left = alive;
    }
  }

  /** Empties the file, then writes. */
  #write(): Promise<void> {
    return this.#ports.fs.writeFile(REGISTRY, JSON.stringify(this.#entries));
  }
}
