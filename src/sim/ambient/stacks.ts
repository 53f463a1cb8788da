/**
 * Keeps `Error.prepareStackTrace` and `Error.stackTraceLimit` of programs to their run, and what the former throws to
 * the program's stack: Node calls it whenever it or we look at an error, and ends the whole process if it throws then.
 */

type Prepare = (error: Error, frames: NodeJS.CallSite[]) => unknown;

const KEYS = ['prepareStackTrace', 'stackTraceLimit'] as const;

const safe = new WeakSet<object>();
/** What there is now, and was before the run. */
let prepare: unknown;
let prepareBefore: unknown;
/** Of Node's own, by {@link KEYS}. Null: not guarded. */
let before: readonly (PropertyDescriptor | undefined)[] | null = null;

/** From now on, until what it returns is called. */
export function guardStacks(): () => void {
  const outer = before;
  before = KEYS.map((key) => Object.getOwnPropertyDescriptor(Error, key));
  install();
  return () => {
    restore();
    before = outer;
  };
}

/** Between two runs: what a program has set is gone. Nothing, where stacks are not guarded. */
export function resetStacks(): void {
  if (before === null || !isChanged()) return;
  restore();
  install();
}

function isChanged(): boolean {
  return (
    prepare !== prepareBefore ||
    Error.stackTraceLimit !== before![1]?.value ||
    Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')?.get !== get
  );
}

function install(): void {
  prepareBefore = Error.prepareStackTrace;
  prepare = prepareBefore;
  // A program may have frozen `Error`.
  Reflect.defineProperty(Error, 'prepareStackTrace', { configurable: true, enumerable: true, get, set });
}

function get(): unknown {
  return prepare;
}

function set(given: unknown): void {
  prepare = typeof given === 'function' ? safely(given as Prepare) : given;
}

function restore(): void {
  for (const [i, key] of KEYS.entries()) {
    const descriptor = before![i];
    if (descriptor === undefined) Reflect.deleteProperty(Error, key);
    else Reflect.defineProperty(Error, key, descriptor);
  }
}

function safely(prepare: Prepare): Prepare {
  if (safe.has(prepare)) return prepare;
  const guarded: Prepare = (error, frames) => {
    try {
      return Reflect.apply(prepare, Error, [error, frames]);
    } catch {
      return [String(error), ...frames.map((frame) => `    at ${frame}`)].join('\n');
    }
  };
  safe.add(guarded);
  return guarded;
}
