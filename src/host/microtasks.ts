import { guardStacks } from './ambient/stacks.ts';

/**
 * Runs every microtask and nextTick that is due, synchronously, so that after a step we *know* that a process has
 * come to rest. This is the one place that uses Node's undocumented `process._tickCallback`; it reports an unhandled
 * rejection in the very step that caused it. It silently does nothing inside a microtask, so `canDrain` tests it and
 * callers fall back to one macrotask a step.
 */
const tickCallback = (globalThis.process as unknown as { _tickCallback?: () => void })._tickCallback;

/** Taken before a test replaces it: `check` must end under fake timers too, whose clock stands still. */
const { setImmediate } = globalThis;

export function drain(): void {
  tickCallback!();
}

/** Whether {@link drain} works here and now. False inside a microtask, or on a Node without it. */
export function canDrain(): boolean {
  if (typeof tickCallback !== 'function') return false;
  let drained = false;
  Promise.resolve().then(() => {
    drained = true;
  });
  tickCallback();
  return drained;
}

/**
 * Calls `work` in a fresh macrotask, where {@link drain} works. (After `await` one is in a microtask, where it does not.)
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

/**
 * Calls `work` with every stray error going to `onStray` and to nobody else: unhandled rejections, and exceptions of
 * callbacks that nobody waits for (`queueMicrotask`, `process.nextTick`, listeners of an AbortSignal). In a simulation
 * they are the end of one simulated process, not of ours.
 */
export function withUncaught<T>(onStray: (error: unknown) => void, work: () => T): T {
  const restore = catchUncaught(onStray);
  try {
    return work();
  } finally {
    restore();
  }
}

/** The same from now on, until what it returns is called: for work that goes on over several macrotasks. */
export function catchUncaught(onStray: (error: unknown) => void): () => void {
  const restore = [
    redirect('unhandledRejection', onStray),
    redirect('uncaughtException', onStray),
    guardTicks(onStray),
    guardStacks(),
  ];
  return () => {
    for (const undo of restore) undo();
  };
}

function redirect(event: 'unhandledRejection' | 'uncaughtException', onStray: (error: unknown) => void) {
  const { process } = globalThis;
  // Raw, so that what listens once goes on to listen once.
  const others = process.rawListeners(event) as ((error: unknown) => void)[];
  process.removeAllListeners(event);
  process.on(event, onStray);
  return (): void => {
    process.off(event, onStray);
    for (const listener of others) process.on(event, listener);
  };
}

/** Grows when callbacks of earlier ticks must not be called any more. */
let generation = 0;

/** An exception that leaves a tick through {@link drain} would break Node's own book-keeping. */
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
 * After {@link withWatchdog} has ended something by force, and still within {@link withUncaught}: what is left of it in
 * Node's queues is dropped, and Node's record of what runs within what, which V8 has cut through, is reset in the only
 * way there is: as after an uncaught exception.
 */
export function resetAfterInterrupt(error: unknown): void {
  generation++;
  (globalThis.process as unknown as { _fatalException?: (error: unknown) => boolean })._fatalException?.(
    error,
  );
  drain();
}
