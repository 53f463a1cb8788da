/** Sending all of some bytes to a socket, a pipe or a file, as libuv does it. */
import { hasCode, isSystemError, type Operation, type Pending } from '../ports/index.ts';
import { request } from './handle.ts';
import { type Caller, executeNow, nextTick } from './script.ts';

/** @param bytes those that are still to be sent */
type Send = (bytes: string) => Operation;

/**
 * What can be sent is sent at once; it waits only for what there is no room for, and keeps the process alive meanwhile.
 *
 * @param progress called with the number of bytes, each time that some are sent
 * @returns what gives up waiting: as in Node, that is no failure
 */
export function sendAll(
  caller: Caller,
  send: Send,
  bytes: string,
  done: (error?: Error | null) => void,
  progress: (count: number) => void = () => {},
): Pending {
  let rest = bytes;
  let waiting: Pending | null = null;
  const sent = (count: number): void => {
    rest = rest.slice(count);
    progress(count);
  };
  const fail = (error: Error): void => {
    waiting = null;
    done(error);
  };
  const go = (): void => {
    waiting = null;
    try {
      while (rest !== '') sent(executeNow(caller, send(rest)) as number);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (!hasCode(error, 'EAGAIN')) {
        fail(error);
        return;
      }
      const more = (count: number): void => {
        sent(count);
        go();
      };
      waiting = request(caller, send(rest), more, fail);
      return;
    }
    done();
  };
  go();
  return {
    cancel() {
      if (waiting === null) return;
      waiting.cancel();
      waiting = null;
      nextTick(() => done(null));
    },
  };
}
