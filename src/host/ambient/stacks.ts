import { endGuards } from './held.ts';

/**
 * Keeps `Error.prepareStackTrace` and `Error.stackTraceLimit` of programs to their run, and what the former throws to
 * the program's stack: Node calls it whenever it or we look at an error, and ends the whole process if it throws then.
 */

type Prepare = (error: Error, frames: NodeJS.CallSite[]) => unknown;

const safe = new WeakSet<object>();
/** What there is now, and was before the run. */
let prepare: unknown;
let prepareBefore: unknown;
let limitBefore: PropertyDescriptor | undefined;
/** What was there before the guard (undefined: nothing), and its value. */
let replaced: PropertyDescriptor | undefined;
let replacedValue: unknown;
/** Whether {@link get} was called. */
let asked = false;
/** How many slices are under way: one within another is rare. */
let depth = 0;

/** From now on, until what it returns is called. */
export function guardStacks(): () => void {
  if (depth === 0) begin();
  depth++;
  return () => {
    depth--;
    if (depth > 0) return;
    reset();
    endGuards(restore);
  };
}

/** Between two runs: what a program has set is gone. Nothing, where stacks are not guarded. */
export function resetStacks(): void {
  if (depth > 0 && isChanged()) reset();
}

function begin(): void {
  limitBefore = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  if (!isInstalled()) {
    replaced = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
    replacedValue = Error.prepareStackTrace;
    prepare = replacedValue;
    install();
  }
  prepareBefore = prepare;
}

function isChanged(): boolean {
  return prepare !== prepareBefore || Error.stackTraceLimit !== limitBefore?.value || !isInstalled();
}

function reset(): void {
  prepare = prepareBefore;
  if (!isInstalled()) install();
  if (limitBefore === undefined) Reflect.deleteProperty(Error, 'stackTraceLimit');
  else if (Error.stackTraceLimit !== limitBefore.value)
    Reflect.defineProperty(Error, 'stackTraceLimit', limitBefore);
}

/** Asked for each run: the descriptor takes far longer. */
function isInstalled(): boolean {
  asked = false;
  void Error.prepareStackTrace;
  return asked;
}

function install(): void {
  // A program may have frozen `Error`.
  Reflect.defineProperty(Error, 'prepareStackTrace', { configurable: true, enumerable: true, get, set });
}

/** What other code has set since the guard is held stays. */
function restore(): void {
  if (!isInstalled()) return;
  if (replaced === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
  else Reflect.defineProperty(Error, 'prepareStackTrace', replaced);
  if (prepare !== replacedValue) Error.prepareStackTrace = prepare as typeof Error.prepareStackTrace;
}

function get(): unknown {
  asked = true;
  return prepare;
}

function set(given: unknown): void {
  prepare = depth > 0 && typeof given === 'function' ? safely(given as Prepare) : given;
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
