/** What becomes of the ends of connections and pipes: they are half-closed, closed and reset. The rules are Linux's. */
import { ECONNRESET, EPIPE } from '../base/errno.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import type { Waiter } from '../records/signal-state.ts';
import type { StreamEnd } from '../records/streams.ts';
import type { Kernel } from './kernel.ts';

/** A process closes an end. What is read and sent there in other processes goes on. */
export function closeEnd(kernel: Kernel, process: SimProcess | null, end: StreamEnd): void {
  const ofProcess = (waiter: Waiter): boolean => (waiter as ParkedOperation).process === process;
  const own = process === null ? [] : [...end.readers, ...end.writers].filter(ofProcess);
  if (--end.refs === 0) release(kernel, end);
  for (const waiter of own) waiter.wake();
}

/** This end sends nothing more. */
export function shutDown(end: StreamEnd): void {
  const { peer } = end;
  end.state.shut = true;
  peer.state.ended = true;
  end.wakeWriters();
  peer.wakeReaders();
}

/** The first packet to a TCP end that is gone is answered by a reset: what is sent with it is lost. */
export function answeredByReset(end: StreamEnd): void {
  breakDown(end);
}

/** The last process that had it open has closed it or has ended. */
function release(kernel: Kernel, end: StreamEnd): void {
  const { peer, state } = end;
  state.gone = true;
  end.message = null;
  if (peer.state.gone) {
    kernel.streams.remove(end.pair);
    return;
  }
  const isUnread = state.received !== '';
  if (end.type === 'tcp') {
    if (isUnread || state.resets) breakDown(peer);
    else peer.state.ended = true;
  } else {
    peer.state.ended = true;
    peer.state.shut = true;
    if (end.type === 'unix' && (isUnread || state.resets)) peer.state.failure = ECONNRESET;
  }
  peer.wakeReaders();
  peer.wakeWriters();
}

/**
 * A TCP connection is reset. Where the last byte of the other end had arrived before, only writing fails. Behind what there was no room
 * for, that it was the last one has not arrived; an end whose own last byte has not arrived either still learns of the reset.
 */
function breakDown(end: StreamEnd): void {
  const { state } = end;
  if (end.peer.roomBytes <= 0) state.ended = false;
  const isLastOnItsWay = state.shut && end.roomBytes <= 0;
  state.failure = state.ended && !isLastOnItsWay ? EPIPE : ECONNRESET;
  state.shut = true;
  state.down = true;
}
