/**
 * Runs every microtask and nextTick that is due, synchronously, so that after a step we *know* that a process has
 * come to rest. This is the one place that uses Node's undocumented `process._tickCallback`; it reports an unhandled
 * rejection in the very step that caused it. It silently does nothing inside a microtask, so `canDrain` tests it and
 * callers fall back to one macrotask a step.
 */
const tickCallback = (globalThis.process as unknown as { _tickCallback?: () => void })._tickCallback;

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
 * Calls `work` with every unhandled rejection going to `onRejection` and to nobody else: in a simulation it is the end
 * of one simulated process, not of ours.
 */
export function withRejections<T>(onRejection: (reason: unknown) => void, work: () => T): T {
  const { process } = globalThis;
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', onRejection);
  try {
    return work();
  } finally {
    process.off('unhandledRejection', onRejection);
    for (const listener of others) process.on('unhandledRejection', listener);
  }
}
