import type { SimMachine } from '../machine.ts';
import type { SimProcess } from '../process.ts';

/** What the parts of the guard share: whether a simulated step is under way, in whose run, and how a program is stopped. */
export const ambient: {
  /** Whether a step of a simulated process is running, so that the caller is its program. */
  stepping: boolean;
  /** Whether the steps of the run under way are guarded. */
  armed: boolean;
  /** Of the run under way. */
  host: Host | null;
  /** Identifies the process where its program runs outside of the machine, as in `explore`. Null: the machine's current process. */
  stand: object | null;
} = { stepping: false, armed: false, host: null, stand: null };

/** The run whose programs are guarded. */
export interface Host {
  readonly machine: SimMachine;
  /**
   * A program reached the real machine.
   *
   * @param where `file:line:column`
   * @param instead what to do about it
   */
  reached(what: string, where: string, instead: string): void;
  /** A program read a variable of the environment that only the real machine has. */
  missed(variable: string): void;
}

/** Thrown into the program, so that it does nothing to the real machine. */
export class AmbientError extends Error {
  override readonly name = 'AmbientError';
}

// biome-ignore lint/suspicious/noExplicitAny: any function of Node's.
export type Callable = (...args: any[]) => unknown;

/** What belongs to the process in whose step we are, made when it is first asked for. */
export class PerProcess<T> {
  readonly #make: (process: SimProcess | null) => T;
  readonly #kept = new WeakMap<object, T>();

  constructor(make: (process: SimProcess | null) => T) {
    this.#make = make;
  }

  get(): T {
    const process = currentProcess();
    const key = ambient.stand ?? process ?? ambient;
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      kept = this.#make(process);
      this.#kept.set(key, kept);
    }
    return kept;
  }
}

/** The process in whose step we are. */
function currentProcess(): SimProcess | null {
  return ambient.host?.machine.current ?? null;
}

/** Null: no trace of the run is kept, so what programs print is not needed. */
export function printer(): ((stream: 'stdout' | 'stderr', text: string) => void) | null {
  const process = currentProcess();
  const observer = ambient.host?.machine.observer;
  if (process === null || observer?.printed == null) return null;
  return (stream, text) => observer.printed?.(process, stream, text);
}

/**
 * @param from the function that was called: the frame above it is the caller's
 * @throws AmbientError unless Node itself is the caller
 */
export function tell(what: string, from: Callable, instead: string): void {
  const where = callerOf(from);
  if (where === null) return;
  ambient.host?.reached(what, where, instead);
  throw new AmbientError(`${what} is not a simulated machine's: ${instead}`);
}

const FRAME = /(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/]|node:|[\w.-]+[\\/])[^()\s]*:\d+:\d+)\)?$/;

/** The first frame above `from`: `file:line:column`. Null: it is Node's own. */
function callerOf(from: Callable): string | null {
  const holder: { stack?: unknown } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 4;
  Error.captureStackTrace(holder, from);
  Error.stackTraceLimit = stackTraceLimit;
  const [, frame = ''] = String(holder.stack).split('\n');
  const where = FRAME.exec(frame.trim())?.[1] ?? frame.trim();
  return where.startsWith('node:') ? null : where || 'an unknown place';
}
