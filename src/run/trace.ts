import { createHash } from 'node:crypto';
import { formatOpenFlags, isFlat, type Operation, type Outcome } from '../ports/index.ts';
import { parentPid, type SimProcess, type Strike } from '../sim/index.ts';

/** One line of what happened. */
export interface TraceEvent {
  /** How many operations had happened in the run, this one included. */
  readonly step: number;
  /** Since the run began. Simulated milliseconds, or real ones on the real machine. */
  readonly atMs: number;
  /** `daemon#2`; `nemesis` for faults. */
  readonly process: string;
  /** An operation of the table, or `start`, `end`, `fault`, `log`. */
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** `{ error: code }` when the operation failed. */
  readonly result: unknown;
}

/** What a program prints. */
export const LOG = 'log';

/** The same events give the same hash on every machine. 16 hexadecimal digits of SHA-256. Without what is printed: it may hold paths. */
export function traceHash(events: readonly TraceEvent[]): string {
  const hash = createHash('sha256');
  for (const event of events) if (event.op !== LOG) hash.update(`${lineOf(event)}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** An operation as a line of a trace. */
export function operationEvent(
  at: { step: number; atMs: number; process: string },
  operation: Operation,
  outcome: Outcome,
): TraceEvent {
  const args: Record<string, unknown> = {};
  for (const key in operation) {
    if (key !== 'op') args[key] = asOfNow(operation[key as keyof Operation]);
  }
  if (args.flags !== undefined) args.flags = formatOpenFlags(args.flags as number);
  const result = 'error' in outcome ? { error: outcome.error.code } : asOfNow(outcome.value ?? null);
  return { step: at.step, atMs: at.atMs, process: at.process, op: operation.op, args, result };
}

/** A program may change what it has given and been given. */
function asOfNow<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  // Nearly always; and structuredClone takes as long as the operation.
  if (Object.getPrototypeOf(value) === Object.prototype && isFlat(value)) return { ...value };
  try {
    return structuredClone(value);
  } catch {
    return { unclear: messageOf(value) } as T;
  }
}

/** The same events give the same text. */
export function lineOf(event: TraceEvent | null): string {
  try {
    return JSON.stringify(event);
  } catch {
    // A bigint, say: asked of each value, it takes several times as long.
    return JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  }
}

export function startEvent(at: { step: number; atMs: number }, process: SimProcess): TraceEvent {
  const { name, pid, command } = process;
  return {
    ...at,
    process: name,
    op: 'start',
    args: { pid, ppid: parentPid(process), command },
    result: null,
  };
}

export function endEvent(at: { step: number; atMs: number }, process: SimProcess): TraceEvent {
  const { name, exitCode, exitSignal, crash } = process;
  const result = { code: exitCode, signal: exitSignal };
  return {
    ...at,
    process: name,
    op: 'end',
    args: crash === undefined ? {} : { crash: messageOf(crash) },
    result,
  };
}

/** One event for each text that is printed, of however many lines. */
export function logEvent(
  at: { step: number; atMs: number },
  process: SimProcess,
  stream: 'stdout' | 'stderr',
  text: string,
): TraceEvent {
  return { ...at, process: process.name, op: LOG, args: { stream, text }, result: null };
}

export function faultEvent(
  at: { step: number; atMs: number },
  { fault, process, detail }: Strike,
): TraceEvent {
  return {
    ...at,
    process: 'nemesis',
    op: 'fault',
    args: { fault, ...(process !== null && { process: process.name }), ...detail },
    result: null,
  };
}

export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'something that has no text';
  }
}
