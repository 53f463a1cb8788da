/** A child process, for tests and races. */
import type { ChildProcess } from 'node:child_process';
import { monotonicMs } from '../node/clock.ts';
import type { ProcessIdentity, Signal } from '../ports/index.ts';

const READY = 'ready\n';
const OUTPUT_LIMIT = 16_384;

export interface Ending {
  readonly code: number | null;
  readonly signal: Signal | null;
  /** When it was observed, on CLOCK_MONOTONIC. */
  readonly atMs: number;
}

export interface StartOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * The program writes the line `ready` to its standard output, waits for a byte on its standard input before it does
   * anything else, and stops when that input ends. So many can start at the same moment, and none outlives this process, regardless of how
   * it ends.
   */
  readonly leash?: boolean;
  /** It does not belong to the system under test, which must not signal it. */
  readonly foreign?: boolean;
}

/** A child that was not reaped by others: as long as `ending` is `null`, its PID cannot be reused. */
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
    // The child may end before it reads.
    child.stdin?.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        if (this.#output.length < OUTPUT_LIMIT) this.#output += chunk;
      });
    }
  }

  /** The beginning of its output, stdout and stderr combined. */
  get output(): string {
    return this.#output;
  }

  /** The same, without the line `ready`. */
  get said(): string {
    return this.#output.replace(READY, '').trim();
  }

  /** Whether a process on a leash has written `ready`. */
  get isReady(): boolean {
    return this.#output.startsWith(READY);
  }

  /** Lets a process on a leash continue, even if it is not ready yet. */
  go(): void {
    this.#child.stdin?.write('.');
  }

  /** `false` if it has ended; then no process was signalled. */
  signal(signal: Signal): boolean {
    return this.ending === null && this.#child.kill(signal);
  }

  /** Closes its pipes, for a parent that is about to exit and must not wait for grandchildren that hold them. */
  release(): void {
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
  }
}
