import { fileURLToPath } from 'node:url';
import type { SimMachine } from '../../sim/kernel/machine.ts';
import type { SimProcess } from '../../sim/kernel/process.ts';

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
 * @param from the function that was called: the frames above it are the caller's
 * @throws AmbientError unless Node calls it for a purpose of its own, such as to load a module
 */
export function tell(what: string, from: Callable, instead: string): void {
  // What maps stacks to sources may read files.
  ambient.stepping = false;
  const where = callerOf(what, from);
  ambient.stepping = true;
  if (where !== null) stop(what, where, instead);
}

/**
 * @param where `file:line:column`
 * @throws AmbientError always
 */
export function stop(what: string, where: string, instead: string): never {
  ambient.stepping = false;
  ambient.host?.reached(what, where, instead);
  ambient.stepping = true;
  throw new AmbientError(`${what} is not a simulated machine's: ${instead}`);
}

const FRAME = /(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/]|node:|[\w.-]+[\\/])[^()\s]*:\d+:\d+)\)?$/;

/** Node's own work in the middle of a step: it loads a module, maps a stack to sources, colors a text, writes a warning. */
const OWN_WORK =
  /^node:internal\/(?:modules|source_map|bootstrap|errors|util\/inspect|util\/colors|process\/(?:warning|promises|execution|permission)|deps\/(?:cjs-module-lexer|amaro))\b/;
/** Node's own parts use these when they are first used themselves: `Response`, a `ReadableStream`. */
const LOADING = /^(?:WebAssembly|node:vm)\b/;
/** Programs are nowhere in these. */
const OURS = ['sim', 'host', 'scenario', 'run', 'schedule', 'check', 'explore'].map((folder) =>
  fileURLToPath(new URL(`../../${folder}/`, import.meta.url)),
);
const DEEP = 40;

/** `file:line:column`. Null: Node calls for itself. */
function callerOf(what: string, from: Callable): string | null {
  const [direct = ''] = framesAbove(from, 2);
  if (direct !== '' && !isNodes(direct)) return direct;
  // A function that a program hands to Node (promisify, nextTick, an event, a store) is called by Node.
  const frames = framesAbove(from, DEEP);
  const [first = ''] = frames;
  if (OWN_WORK.test(first)) return null;
  const caller = frames.find((frame) => !/^node:(?:vm|internal\/vm)\b/.test(frame));
  if (LOADING.test(what) && caller?.startsWith('node:internal/')) return null;
  return frames.find((frame) => !isNodes(frame)) ?? (first || 'an unknown place');
}

/** Where the frames above a function are, without ours and those that have no place, such as `Array.map`. */
export function framesAbove(from: Callable, most: number): string[] {
  const holder: { stack?: unknown } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = most;
  Error.captureStackTrace(holder, from);
  Error.stackTraceLimit = stackTraceLimit;
  const [, ...lines] = String(holder.stack).split('\n');
  const frames = lines.flatMap((line) => FRAME.exec(line.trim())?.[1] ?? []);
  return frames.filter((frame) => !OURS.some((folder) => frame.startsWith(folder)));
}

export function isNodes(frame: string): boolean {
  return frame.startsWith('node:');
}
