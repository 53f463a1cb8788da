/** `Atomics` of a process: `Atomics.wait` is how libraries sleep synchronously. A simulated process has one thread, so nothing wakes it. */
import type { Instance } from './instance.ts';

/** Longer than any run: a wait without a time-out never ends. */
const LONG_MS = 2 ** 31 - 1;

export function atomicsFor(instance: Instance): typeof Atomics {
  const wait = (array: unknown, index: unknown, value: unknown, timeout?: unknown): string => {
    const waited = array as Int32Array;
    if (!(array instanceof Int32Array || array instanceof BigInt64Array) || !isShared(waited.buffer))
      throw new TypeError(`${Object.prototype.toString.call(array)} is not a shared typed array.`);
    const expected = array instanceof Int32Array ? Number(value) | 0 : value;
    // Also checks the index.
    if (Atomics.load(waited, Number(index ?? 0)) !== expected) return 'not-equal';
    const wanted = timeout === undefined ? Number.NaN : Number(timeout);
    if (wanted <= 0) return 'timed-out';
    const ms = Number.isNaN(wanted) ? LONG_MS : Math.min(wanted, LONG_MS);
    instance.wait({ op: 'sleep', ms }, (ask) => ask({ op: 'sleep', ms }));
    return 'timed-out';
  };
  return Object.create(Atomics, { wait: { value: wait, writable: true, configurable: true } });
}

function isShared(buffer: unknown): boolean {
  return typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer;
}
