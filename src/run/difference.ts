/** Finds the first difference between two traces of the same schedule. */
import { isFlat } from '../ports/index.ts';
import { LOG, lineOf, type TraceEvent } from './trace.ts';

/** The first difference between two runs of the same schedule. */
export interface Difference {
  /** The index of the first event that differs. */
  readonly index: number;
  readonly step: number;
  readonly first: TraceEvent | null;
  readonly second: TraceEvent | null;
}

/** `null` if the runs are equal. Output of programs is not compared, because it may show objects of the real machine. */
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

/** Much faster than comparing their text, and sufficient for nearly all events. */
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
