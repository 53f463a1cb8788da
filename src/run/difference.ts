/** Where two traces of one schedule part. */
import { isFlat } from '../ports/index.ts';
import { LOG, lineOf, type TraceEvent } from './trace.ts';

/** Where two runs of one schedule part. */
export interface Difference {
  /** The first event that differs, counted from 0. */
  readonly index: number;
  readonly step: number;
  readonly first: TraceEvent | null;
  readonly second: TraceEvent | null;
}

/** Null when the runs are the same. What programs print is not compared: it may show objects of the real machine. */
export function firstDifference(
  firstEvents: readonly TraceEvent[],
  secondEvents: readonly TraceEvent[],
): Difference | null {
  const [first, second] = [firstEvents, secondEvents].map((events) =>
    events.filter(({ op }) => op !== LOG),
  ) as [TraceEvent[], TraceEvent[]];
  const length = Math.max(first.length, second.length);
  for (let index = 0; index < length; index++) {
    const a = first[index] ?? null;
    const b = second[index] ?? null;
    if (isSameEvent(a, b)) continue;
    return { index, step: (a ?? b)!.step, first: a, second: b };
  }
  return null;
}

function isSameEvent(a: TraceEvent | null, b: TraceEvent | null): boolean {
  if (a !== null && b !== null && isSureToBeSame(a, b)) return true;
  return lineOf(a) === lineOf(b);
}

/** Far faster than their text, and enough for nearly all. */
function isSureToBeSame(a: TraceEvent, b: TraceEvent): boolean {
  if (a.step !== b.step || a.atMs !== b.atMs || a.process !== b.process || a.op !== b.op) return false;
  return isSureToBeSameData(a.args, b.args) && isSureToBeSameData(a.result, b.result);
}

function isSureToBeSameData(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b) || !isFlat(a) || !isFlat(b)) return false;
  const keys = Object.keys(a);
  const others = Object.keys(b);
  return (
    keys.length === others.length &&
    keys.every((key, i) => key === others[i] && a[key as never] === b[key as never])
  );
}
