/** Starts the command, strangers and busy processes in a round, and remembers what they print and how they end. */
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { MARKER, surroundings } from './surroundings.ts';
import type { Tracked, Watch } from './watch.ts';

const OUTPUT_LIMIT = 2_000;
const BUSY = 'while :; do :; done';

export interface Start {
  readonly process: Tracked;
  exitCode: number | null;
  signal: string | null;
  /** The end of what it printed. */
  printed: string;
}

export interface StarterOptions {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly directory: string;
  readonly word: string;
  /** Added to the environment of each start. */
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Error if the command cannot be executed */
export class Starter {
  readonly #options: StarterOptions;
  readonly #watch: Watch;
  readonly #log: (text: string) => void;
  readonly starts: Start[] = [];

  constructor(options: StarterOptions, watch: Watch, log: (text: string) => void) {
    this.#options = options;
    this.#watch = watch;
    this.#log = log;
  }

  /** @param pinned on one processor only @param stopped it does not go on until SIGCONT @param before words before the command */
  start({ pinned = false, stopped = false, before = [] as readonly string[] } = {}): Start {
    const { words, cwd, directory, word, env } = this.#options;
    const mark = `${word}:${this.#watch.next}`;
    const [file, ...args] = [...(pinned ? pin() : []), ...before, ...words];
    const child = execa(file!, args, {
      ...{ cwd, reject: false, buffer: false, cleanup: false, detached: true },
      env: { ...surroundings(directory), ...env, [MARKER]: mark },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    child.catch(() => {});
    const { pid } = child;
    if (pid === undefined) throw new Error(`${file} cannot be started`);
    if (stopped) process.kill(pid, 'SIGSTOP');
    const start: Start = { process: this.#watch.adopt(pid), exitCode: null, signal: null, printed: '' };
    this.starts.push(start);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        start.printed = (start.printed + chunk.toString()).slice(-OUTPUT_LIMIT);
      });
    child.on('exit', (code, signal) => {
      start.exitCode = code;
      start.signal = signal;
      this.#watch.ended(start.process, signal);
      const said = start.printed.trim();
      const how = signal === null ? `exit code ${code}` : signal;
      this.#log(
        `${start.process.name} has ended: ${how}${said === '' ? '' : `; it printed: ${lastLine(said)}`}`,
      );
    });
    return start;
  }

  /** A process that does not belong to the command, which must not touch it. */
  stranger(file: string, args: readonly string[]): Tracked {
    const child = execa(file, args, {
      ...{ reject: false, buffer: false, cleanup: false, detached: true, stdio: 'ignore' },
      env: { [MARKER]: `${this.#options.word}:stranger` },
    });
    child.catch(() => {});
    const stranger = this.#watch.adopt(child.pid!, { foreign: true });
    child.on('exit', (_, signal) => this.#watch.ended(stranger, signal));
    return stranger;
  }

  /** Keeps all processors busy. @returns what ends it */
  load(): () => void {
    const children = processors().map(() => {
      const child = execa('sh', ['-c', BUSY], {
        ...{ reject: false, buffer: false, detached: false, stdio: 'ignore' },
        env: { [MARKER]: `${this.#options.word}:load` },
      });
      child.catch(() => {});
      this.#watch.ignore(child.pid!);
      return child;
    });
    return () => {
      for (const child of children) child.kill('SIGKILL');
    };
  }
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1).slice(0, 200);
}

/** On the first processor that this process may use. */
function pin(): string[] {
  const [first] = processors();
  return first === undefined ? [] : ['taskset', '-c', String(first)];
}

function processors(): number[] {
  try {
    const [, list = ''] =
      /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    return list.split(',').flatMap((part) => {
      const [from = 0, to = from] = part.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
  } catch {
    return [];
  }
}
