import { frameIn, stackOf } from './source-location.ts';

/** An exception that ended the check of a scenario. Plain data, so that it can be sent between threads. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  /** Where it was thrown: the first frame outside this package; `null` if unknown. */
  readonly file: string | null;
  /** Counted from 1. */
  readonly line: number | null;
  /** Set only if all frames are in this package or in Node, for a bug report. */
  readonly stack?: readonly string[];
}

/** Ends a check on purpose, and so is not reported as a mistake in the scenario. */
export class PassThrough extends Error {}

/** An exception that was thrown in another thread. */
export class ThrownElsewhere extends Error {
  readonly thrown: Thrown;

  constructor(thrown: Thrown) {
    super(thrown.message);
    this.thrown = thrown;
  }
}

const MOST_FRAMES = 8;

export function thrownOf(error: unknown): Thrown {
  try {
    return described(error);
  } catch {
    return { name: 'a value', message: 'something that has no text', file: null, line: null };
  }
}

function described(error: unknown): Thrown {
  if (error instanceof ThrownElsewhere) return error.thrown;
  if (!(error instanceof Error)) return { name: 'a value', message: String(error), file: null, line: null };
  const name = String(error.name);
  const message = String(error.message);
  const place = frameIn(stackOf(error), message);
  if (place !== null) return { name, message, file: place.file, line: place.line };
  const stack = framesOf(error).slice(0, MOST_FRAMES);
  return { name, message, file: null, line: null, ...(stack.length > 0 && { stack }) };
}

/** `TypeError: x is not a function (/home/me/races/lock.mjs:12)`. */
export function describeThrown({ name, message, file, line }: Thrown): string {
  const place = file === null ? '' : ` (${file}:${line})`;
  return `${name}: ${message}${place}`;
}

/** Calls code of a scenario, and adds `what` to the message of an exception. */
export function naming<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const thrown = thrownOf(error);
    throw new ThrownElsewhere({ ...thrown, message: `${thrown.message}, in ${what}` });
  }
}

function framesOf(error: Error): string[] {
  const stack = stackOf(error);
  return stack
    .slice(stack.startsWith(`${error.name}: ${error.message}`) ? `${error.name}: ${error.message}`.length : 0)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
}
