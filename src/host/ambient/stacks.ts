import { endGuards } from './held.ts';

/**
 * Confines a program's `Error.prepareStackTrace` and `Error.stackTraceLimit` to its run. Node calls the former whenever Node or
 * this library reads a stack, and would end the real process if it throws; here, an exception only affects the program's stack.
 */

type Prepare = (error: Error, frames: NodeJS.CallSite[]) => unknown;

const safe = new WeakSet<object>();
/** The current values, and those before the run. */
let prepare: unknown;
let prepareBefore: unknown;
let limitBefore: PropertyDescriptor | undefined;
/** The property before it was guarded (`undefined` if there was none), and its value. */
let replaced: PropertyDescriptor | undefined;
let replacedValue: unknown;
/** Whether {@link get} was called. */
let asked = false;
/** The number of active slices; nesting is rare. */
let depth = 0;

/** Guards stacks until the returned function is called. */
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

/** Undoes a program's changes between two runs. Does nothing if stacks are not guarded. */
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

/** Called for each run: reading the descriptor would take much longer. */
function isInstalled(): boolean {
  asked = false;
  void Error.prepareStackTrace;
  return asked;
}

function install(): void {
  // A program may have frozen `Error`.
  Reflect.defineProperty(Error, 'prepareStackTrace', { configurable: true, enumerable: true, get, set });
}

/** Keeps what other code has set since the guard was installed. */
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
