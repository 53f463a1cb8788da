import vm from 'node:vm';

const HOOK = Symbol.for('one-survivor.watchdog');
const script = new vm.Script(`globalThis[Symbol.for('one-survivor.watchdog')]()`);
/** The global object of the context in which the script runs. In vitest's VM pools it is not that of this module. */
const hooks = vm.runInThisContext('globalThis') as Record<symbol, (() => unknown) | undefined>;

/** The longest time-out that node:vm takes, 49 days. */
const MOST_MS = 2 ** 32 - 1;

/** The work was still running after its timeout, and was interrupted. */
export class Overrun extends Error {}

/**
 * Calls `work` and interrupts it after `timeoutMs` of real time, even inside `while (true)` or an endless chain of
 * microtasks: V8 interrupts a script with a timeout, including everything it has called.
 *
 * @param timeoutMs may be Infinity
 *
 * @throws Overrun
 */
export function withWatchdog<T>(timeoutMs: number, work: () => T): T {
  const outer = hooks[HOOK];
  hooks[HOOK] = work;
  try {
    return script.runInThisContext({ timeout: Math.min(timeoutMs, MOST_MS) }) as T;
  } catch (error) {
    if ((error as { code?: unknown })?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Overrun(`still running after ${timeoutMs} ms`);
  } finally {
    hooks[HOOK] = outer;
  }
}
