import { fileURLToPath } from 'node:url';
import type { SimMachine } from '../../sim/machine/machine.ts';
import type { SimProcess } from '../../sim/records/process.ts';

/** The state that the parts of the guard share: whether a simulated step is running, in which run, and how a program is stopped. */
export const ambient: {
  /** Whether a step of a simulated process is running, so that the caller is a program. */
  stepping: boolean;
  /** Whether the steps of the current run are guarded. */
  armed: boolean;
  /** The current run. */
  host: Host | null;
  /** Identifies the process if its program runs outside the machine, as in `explore`; otherwise `null`. */
  stand: object | null;
} = { stepping: false, armed: false, host: null, stand: null };

/** Calls Node's own code in a step of a guest: what that makes of Node is known not to reach the real machine. */
export function unguarded<T>(work: () => T): T {
  const { stepping } = ambient;
  ambient.stepping = false;
  try {
    return work();
  } finally {
    ambient.stepping = stepping;
  }
}

/** The run whose programs are guarded. */
export interface Host {
  readonly machine: SimMachine;
  /**
   * A program reached the real machine.
   *
   * @param where `file:line:column`
   * @param instead what to use instead
   */
  reached(what: string, where: string, instead: string): void;
  /** A program read a variable of the environment that only the real machine has. */
  missed(variable: string): void;
}

/** Thrown into the program, so that it does nothing to the real machine. */
class AmbientError extends Error {
  override readonly name = 'AmbientError';
}

// biome-ignore lint/suspicious/noExplicitAny: any function of Node.
export type Callable = (...args: any[]) => unknown;

/** A value for each process, created on first use and returned for the process that is running. */
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

/** The process that is running. */
function currentProcess(): SimProcess | null {
  return ambient.host?.machine.current ?? null;
}

/** Whether what programs print becomes a part of the trace. */
export function isTraced(): boolean {
  return ambient.host?.machine.observer.printed != null;
}

/** `null` if output of the program is not needed: the run is not traced, or it has been printed before. */
export function printer(): ((stream: 'stdout' | 'stderr', text: string) => void) | null {
  const process = currentProcess();
  const observer = ambient.host?.machine.observer;
  if (process === null || observer?.printed == null || process.isRepeating?.()) return null;
  return (stream, text) => observer.printed?.(process, stream, text);
}

/**
 * @param from the function that was called: the frames above it belong to the caller
 * @throws AmbientError unless Node itself is the caller, for example to load a module
 */
export function tell(what: string, from: Callable, instead: string): void {
  // Source-map support may read files.
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
  throw new AmbientError(`${what} would reach the real machine: ${instead}`);
}

const FRAME = /(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/]|node:|[\w.-]+[\\/])[^()\s]*:\d+:\d+)\)?$/;

/** Node's own work during a step: loading a module, mapping a stack to sources, coloring text, writing a warning. */
const OWN_WORK =
  /^node:internal\/(?:modules|source_map|bootstrap|errors|util\/inspect|util\/colors|process\/(?:warning|promises|execution|permission)|deps\/(?:cjs-module-lexer|amaro))\b/;
/** Node uses these when parts of it are first used: `Response`, a `ReadableStream`. */
const LOADING = /^(?:WebAssembly|node:vm)\b/;
/** Folders that contain no programs. In a stack, they are paths or URLs, which differ on Windows. */
const OURS = ['sim', 'host', 'scenario', 'run', 'schedule', 'check', 'explore'].flatMap((folder) => {
  const url = new URL(`../../${folder}/`, import.meta.url);
  return [...new Set([fileURLToPath(url), url.pathname])];
});
const DEEP = 40;

/** `file:line:column`; `null` if Node itself is the caller. */
function callerOf(what: string, from: Callable): string | null {
  const [direct = ''] = framesAbove(from, 2);
  if (direct !== '' && !isNodes(direct)) return direct;
  // Node calls functions that a program passes to it (promisify, nextTick, an event, a store).
  const frames = framesAbove(from, DEEP);
  const [first = ''] = frames;
  if (OWN_WORK.test(first)) return null;
  const caller = frames.find((frame) => !/^node:(?:vm|internal\/vm)\b/.test(frame));
  if (LOADING.test(what) && caller?.startsWith('node:internal/')) return null;
  return frames.find((frame) => !isNodes(frame)) ?? (first || 'an unknown place');
}

/** The locations of the frames above a function, without ours and those without a location, such as `Array.map`. */
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
