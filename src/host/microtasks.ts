import { guardStacks } from './ambient/stacks.ts';

/**
 * Runs all pending microtasks and nextTicks synchronously, so that a process is known to be idle after a step, and an unhandled
 * rejection is reported in the step that caused it. This is the only use of Node's undocumented `process._tickCallback`.
 * Inside a microtask it silently does nothing: `canDrain` tests for that, and callers then use one macrotask per
 * step instead.
 */
const tickCallback = (globalThis.process as unknown as { _tickCallback?: () => void })._tickCallback;

/** Saved before a test replaces it: `check` must also end under fake timers, whose clock stands still. */
const { setImmediate } = globalThis;

export function drain(): void {
  tickCallback!();
}

/** Whether microtasks could be drained when {@link canDrain} was last asked. */
export let drains = false;

/** Whether {@link drain} works here. `false` inside a microtask, and on a version of Node without it. */
export function canDrain(): boolean {
  drains = typeof tickCallback === 'function' && triesToDrain();
  return drains;
}

function triesToDrain(): boolean {
  let drained = false;
  Promise.resolve().then(() => {
    drained = true;
  });
  tickCallback!();
  return drained;
}

/**
 * Calls `work` in a new macrotask, where {@link drain} works. (Code after an `await` runs in a microtask, where it does not.)
 *
 * @returns what `work` returns, or its exception
 */
export function inMacrotask<T>(work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Called with each uncaught error; for a rejection, also with its promise. */
export type OnStray = (error: unknown, promise?: Promise<unknown>) => void;

/**
 * Calls `work` and passes every uncaught error to `onStray` only: unhandled rejections, and exceptions in callbacks of
 * `queueMicrotask`, `process.nextTick` and AbortSignal listeners. In a simulation they end one simulated process,
 * not the real one.
 */
export function withUncaught<T>(onStray: OnStray, work: () => T): T {
  const restore = catchUncaught(onStray);
  try {
    return work();
  } finally {
    restore();
  }
}

/** The same, until the returned function is called: for work that takes several macrotasks. */
export function catchUncaught(onStray: OnStray): () => void {
  const restore = [
    redirect('unhandledRejection', onStray),
    redirect('uncaughtException', (error) => onStray(error)),
    guardTicks(onStray),
    guardStacks(),
  ];
  return () => {
    for (const undo of restore) undo();
  };
}

function redirect(event: 'unhandledRejection' | 'uncaughtException', onStray: OnStray) {
  const { process } = globalThis;
  // Raw listeners, so that those added by `once` keep that property.
  const others = process.rawListeners(event) as ((error: unknown) => void)[];
  process.removeAllListeners(event);
  process.on(event, onStray);
  return (): void => {
    process.off(event, onStray);
    for (const listener of others) process.on(event, listener);
  };
}

/** Incremented when callbacks of earlier ticks must no longer be called. */
let generation = 0;

/** An exception that escapes from a tick through {@link drain} would corrupt Node's own bookkeeping. */
function guardTicks(onStray: (error: unknown) => void) {
  const { process } = globalThis;
  const { nextTick } = process;
  process.nextTick = (callback: (...args: unknown[]) => void, ...args: unknown[]): void => {
    const own = generation;
    const guarded = (): void => {
      if (own !== generation) return;
      try {
        callback(...args);
      } catch (error) {
        onStray(error);
      }
    };
    nextTick.call(process, typeof callback === 'function' ? guarded : callback);
  };
  return (): void => {
    process.nextTick = nextTick;
  };
}

/**
 * Cleans up after {@link withWatchdog} has interrupted something; call it within {@link withUncaught}. Drops what is left in
 * Node's queues, and resets Node's stack of async contexts, which the interruption has left inconsistent. The only way to
 * do that is the path that Node takes after an uncaught exception.
 */
export function resetAfterInterrupt(error: unknown): void {
  generation++;
  (globalThis.process as unknown as { _fatalException?: (error: unknown) => boolean })._fatalException?.(
    error,
  );
  drain();
}
