import type { Reply } from './reply.ts';

/**
 * Makes a system call at once, in the event loop, that does not wait for a disk or for another process: a few microseconds. In libuv's
 * thread pool it would cost two context switches, on a busy machine milliseconds. The outcome is delivered in a later turn, like others.
 */
export function atOnce<Result>(reply: Reply<Result>, call: () => Result): void {
  let deliver: () => void;
  try {
    const value = call();
    deliver = () => reply.resolve(value);
  } catch (error) {
    deliver = () => reply.reject(error);
  }
  setImmediate(deliver);
}
