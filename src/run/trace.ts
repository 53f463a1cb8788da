import { createHash } from 'node:crypto';
import { formatOpenFlags, isFlat, type Operation, type Outcome } from '../ports/index.ts';
import { nameAndMessageOf } from '../ports/message-of.ts';
import { parentPid, type SimProcess, type Strike } from '../sim/index.ts';

/** One event of a trace. */
export interface TraceEvent {
  /** The number of operations in the run so far, including this one. */
  readonly step: number;
  /** Milliseconds since the run began; simulated, or real on a real machine. */
  readonly atMs: number;
  /** For example `daemon#2`; `nemesis` for faults. */
  readonly process: string;
  /** An operation of the table, or `start`, `end`, `fault`, `log`. */
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** `{ error: code }` if the operation failed. */
  readonly result: unknown;
  /** Where the program asked for it, as `file:line:column`. Only in runs that are replayed to be shown; not part of any hash. */
  readonly at?: string | undefined;
  /**
   * If it has waited for others after it was sent, such as a request for its answer: the step in which it was sent. Only in runs that are
   * replayed to be shown; not part of any hash.
   */
  readonly sent?: { readonly step: number; readonly atMs: number } | undefined;
}

/** The `op` of events for output of programs. */
export const LOG = 'log';

/** 16 hexadecimal digits of SHA-256, the same on every machine. Output is excluded, because it may contain paths. */
export function traceHash(events: readonly TraceEvent[]): string {
  const hash = createHash('sha256');
  for (const event of events) if (event.op !== LOG) hash.update(`${lineOf(event)}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** An operation as an event of a trace. */
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

/** Copies a value, because a program may change it later. */
function asOfNow<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  // The fast path for nearly all values: structuredClone takes as long as the operation.
  if (Object.getPrototypeOf(value) === Object.prototype && isFlat(value)) return { ...value };
  try {
    return structuredClone(value);
  } catch {
    return { unclear: nameAndMessageOf(value) } as T;
  }
}

/** Equal events give equal text, wherever they were asked for. */
export function lineOf(traced: TraceEvent | null): string {
  const isPlain = traced?.at === undefined && traced?.sent === undefined;
  const event = isPlain ? traced : { ...traced, at: undefined, sent: undefined };
  try {
    return JSON.stringify(event);
  } catch {
    // For a bigint, for example. With a replacer for all values it would take several times as long.
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
    args: crash === undefined ? {} : { crash: nameAndMessageOf(crash) },
    result,
  };
}

/** One event for each string that is printed, regardless of its number of lines. */
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
