/** One trial: a temporary directory, TCP ports, and the processes that see nothing else of the machine. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hostOf } from '../../node/host.ts';
import type { ProcessIdentity, ProcessInfo, Signal } from '../../ports/index.ts';
import { freePort } from '../free-port.ts';
import { Processes } from '../processes.ts';
import { until } from '../race.ts';
import type { RealProcess } from '../real-process.ts';
import { Paths } from './paths.ts';
import type { TcpPorts } from './ports.ts';
import { LEASH_VARIABLE, ROOT, TRACES, writeSiteFile } from './site-file.ts';
import { type ProgramTrace, TraceFolder } from './trace-folder.ts';
import { commandOf } from './visible.ts';

/** Far beyond what it takes, so that only a machine that stands still fails. */
const DEADLINE_MS = 120_000;
/** What is left of the limit of a socket's path, 107 bytes, is for the paths of the systems. */
const LONGEST_DIRECTORY = 58;

export interface SiteOptions {
  /** What starts a process of the trial; the directory, the name of the program and its arguments follow. */
  readonly command: readonly string[];
  /** The TCP ports that the programs name. */
  readonly tcpPorts: readonly number[];
  /** Which programs the processes run. */
  readonly config: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A process of the trial that runs or is stopped, with the command as its program knows it. */
export type Seen = Pick<ProcessInfo, 'pid' | 'ppid' | 'startTicks' | 'state' | 'command'>;

/** The trial was ended early. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Something did not happen in time, so that the trial shows nothing. */
export class Late extends Error {
  override readonly name = 'Late';
}

export class Site {
  readonly processes = new Processes();
  readonly #directory: string;
  readonly #options: SiteOptions;
  readonly #tcpPorts: TcpPorts;
  readonly #paths: Paths;
  readonly #traces: TraceFolder;
  readonly #host = hostOf(process.platform);
  readonly #remove = (): void => rmSync(this.#directory, { recursive: true, force: true });
  #number = 0;

  /** Close it, whatever happens. */
  static async open(options: SiteOptions): Promise<Site> {
    const tcpPorts: Record<number, number> = {};
    for (const named of options.tcpPorts) tcpPorts[named] = await freePort();
    return new Site(options, tcpPorts);
  }

  private constructor(options: SiteOptions, tcpPorts: TcpPorts) {
    this.#options = options;
    this.#tcpPorts = tcpPorts;
    this.#directory = mkdtempSync(join(tmpdir(), 'osr-'));
    // Also after an interruption.
    process.once('exit', this.#remove);
    if (this.#directory.length > LONGEST_DIRECTORY) {
      this.close();
      throw new Error(
        `TMPDIR got ${tmpdir()}: accepted: a path of at most ${LONGEST_DIRECTORY - 11} characters`,
      );
    }
    const root = join(this.#directory, ROOT);
    mkdirSync(root, { mode: 0o700 });
    mkdirSync(join(this.#directory, TRACES));
    this.#paths = new Paths(root);
    this.#traces = new TraceFolder(join(this.#directory, TRACES));
    const runner = { pid: process.pid, startTicks: this.#host.startTicks(process.pid) };
    writeSiteFile(this.#directory, { word: this.processes.word, runner, tcpPorts, config: options.config });
  }

  /** How each of its command lines begins. */
  get #prefix(): readonly string[] {
    return [...this.#options.command, this.#directory];
  }

  /** Starts a process that waits for {@link go}. @param words the name of a program, and its arguments, with single spaces between them */
  async prepare(words: string, { foreign = false } = {}): Promise<RealProcess> {
    const process = await this.#spawn(words, foreign);
    await this.until(`${words} is ready`, () => process.isReady || process.ending !== null);
    return process;
  }

  async start(words: string, options: { foreign?: boolean } = {}): Promise<RealProcess> {
    const process = await this.prepare(words, options);
    process.go();
    return process;
  }

  /** So many processes, which begin at the same moment. */
  async startAtOnce(count: number, words: string): Promise<RealProcess[]> {
    const all: RealProcess[] = [];
    for (let i = 0; i < count; i++) all.push(await this.prepare(words));
    for (const process of all) process.go();
    return all;
  }

  /** One after the other, as a shell does with `&`: none waits for another, and each begins as soon as it has loaded. */
  async startInTurn(count: number, words: string): Promise<RealProcess[]> {
    const all: RealProcess[] = [];
    for (let i = 0; i < count; i++) {
      const process = await this.#spawn(words, false);
      process.go();
      all.push(process);
    }
    return all;
  }

  /** The processes that run or are stopped, of one program or of all. */
  alive(program?: string): Seen[] {
    return [...this.processes.alive, ...this.processes.descendants()].flatMap(({ pid, startTicks }) => {
      const info = this.#infoOf(pid);
      if (info?.startTicks !== startTicks || info.state === 'zombie') return [];
      const command = commandOf(info.command, this.#prefix);
      return program === undefined || command[0] === program ? [{ ...info, command }] : [];
    });
  }

  isAlive(identity: ProcessIdentity): boolean {
    return this.processes.isAlive(identity);
  }

  /** @returns false: it has ended, and no process was signalled */
  signal(identity: ProcessIdentity, signal: Signal): boolean {
    return this.processes.signal(identity, signal);
  }

  traces(program?: string): readonly ProgramTrace[] {
    return this.#traces.read().filter((trace) => program === undefined || trace.program === program);
  }

  traceOf({ pid, startTicks }: ProcessIdentity): ProgramTrace | undefined {
    return this.traces().find((trace) => trace.pid === pid && trace.startTicks === startTicks);
  }

  /** The processes that listen on a TCP port, by the name that the programs have for it. */
  holders(tcpPort: number): readonly number[] {
    return this.#host.holders(this.#tcpPorts[tcpPort]!).flatMap(({ pid }) => pid ?? []);
  }

  /** The text of a file, by the path that the programs have for it; null if it is not there. */
  read(path: string): string | null {
    const real = this.#paths.real(path);
    return existsSync(real) ? readFileSync(real, 'utf8') : null;
  }

  /** The names in a directory; none if it is not there. */
  names(path: string): readonly string[] {
    const real = this.#paths.real(path);
    return existsSync(real) ? readdirSync(real).sort() : [];
  }

  /** @param text null: a directory */
  write(path: string, text: string | null): void {
    const real = this.#paths.real(path);
    mkdirSync(text === null ? real : dirname(real), { recursive: true });
    if (text !== null) writeFileSync(real, text);
  }

  remove(path: string): void {
    rmSync(this.#paths.real(path), { recursive: true, force: true });
  }

  /** The real path of a file, and the real number of a TCP port. */
  path(path: string): string {
    return this.#paths.real(path);
  }

  tcpPort(named: number): number {
    return this.#tcpPorts[named]!;
  }

  /** @throws Interrupted, Late */
  async until(what: string, holds: () => boolean | Promise<boolean>, withinMs = DEADLINE_MS): Promise<void> {
    if (await this.happens(holds, withinMs)) return;
    const said = this.processes.started.flatMap(({ name, said }) =>
      said === '' ? [] : [`${name} said: ${said}`],
    );
    throw new Late([`not within ${withinMs / 1_000} s: ${what}`, ...said].join('; '));
  }

  /** @returns whether it became true in time @throws Interrupted */
  async happens(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
    const { signal } = this.#options;
    const happened = await until(() => signal?.aborted || holds(), withinMs);
    if (signal?.aborted) throw new Interrupted('interrupted');
    return happened;
  }

  /** Ends all its processes, and removes its files. */
  async close(): Promise<void> {
    try {
      await this.processes.end();
    } finally {
      this.#remove();
      process.off('exit', this.#remove);
    }
  }

  #spawn(words: string, foreign: boolean): Promise<RealProcess> {
    const command = words.split(' ');
    return this.processes.start({
      ...{ name: `${command[0]}#${++this.#number}`, command: [...this.#prefix, ...command] },
      ...{ leash: true, foreign, env: { [LEASH_VARIABLE]: '1' } },
    });
  }

  #infoOf(pid: number): ProcessInfo | null {
    try {
      return this.#host.processInfo(pid);
    } catch {
      return null;
    }
  }
}
