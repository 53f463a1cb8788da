/** Operations on streams of bytes: connected sockets and pipes. */
import type { Bytes, Operation, Stat } from '../../ports/index.ts';
import {
  EBADF,
  EINVAL,
  EMFILE,
  ENOTSOCK,
  EPIPE,
  type Errno,
  ESPIPE,
  ETIMEDOUT,
  isErrno,
} from '../base/errno.ts';
import { type Handlers, WAITS } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { arrive } from '../kernel/messages.ts';
import { answeredByReset, closeEnd, shutDown } from '../kernel/stream-ends.ts';
import type { Arrival } from '../records/connections.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import { isListener } from '../records/sockets.ts';
import { isStream, type StreamEnd, type StreamKind, StreamPair } from '../records/streams.ts';
import { lowestFreeFd } from '../vfs/index.ts';
import { isFull, mayRetry, retryLater } from './backlog.ts';
import { findListener } from './listeners.ts';

type StreamOperations =
  | 'connectStream'
  | 'acceptStream'
  | 'pipe'
  | 'socketpair'
  | 'recv'
  | 'send'
  | 'shutdown'
  | 'reset'
  | 'getpeername';

/** Linux writes so many bytes to a pipe whole or not at all. */
const PIPE_BUF_BYTES = 4_096;

export const STREAMS: Handlers<StreamOperations> = {
  connectStream: (kernel, parked, { address, timeoutMs }) => {
    if (parked.timer !== null && !mayRetry(kernel, parked, timeoutMs)) return ETIMEDOUT;
    const { process } = parked;
    const fd = lowestFreeFd(process);
    if (fd < 0) return EMFILE;
    const listener = findListener(kernel, process, address);
    if (isErrno(listener)) return listener;
    if (isFull(listener)) return retryLater(kernel, parked, timeoutMs);
    process.fds.set(fd, arrive(kernel, process, address, listener));
    return fd;
  },
  acceptStream: (_, parked, { fd }) => {
    const { process } = parked;
    const listener = process.fds.get(fd);
    if (listener === undefined) return EBADF;
    if (!isListener(listener)) return isStream(listener) && listener.type !== 'pipe' ? EINVAL : ENOTSOCK;
    if (!listener.streams) return EINVAL;
    listener.serve(process);
    if (listener.queue.length === 0) {
      parked.enqueue(listener.acceptors);
      return WAITS;
    }
    const own = lowestFreeFd(process);
    if (own < 0) return EMFILE;
    const arrival = listener.queue.shift() as Arrival;
    process.fds.set(own, arrival.end);
    return own;
  },
  pipe: (kernel, { process }) => {
    const fds = openPair(kernel, process, 'pipe');
    return Array.isArray(fds) ? { readFd: fds[0], writeFd: fds[1] } : fds;
  },
  socketpair: (kernel, { process }) => {
    const fds = openPair(kernel, process, 'unix');
    return Array.isArray(fds) ? { fd: fds[0], otherFd: fds[1] } : fds;
  },
  recv: (_, parked, { fd, length }) => {
    const end = socketOf(parked.process, fd);
    return isErrno(end) ? end : receive(parked, end, length);
  },
  send: (_, parked, { fd, data }) => {
    const end = socketOf(parked.process, fd);
    return isErrno(end) ? end : transmit(parked, end, data);
  },
  shutdown: (_, { process }, { fd }) => {
    const end = socketOf(process, fd);
    if (isErrno(end)) return end;
    shutDown(end);
    return undefined;
  },
  reset: (kernel, { process }, { fd }) => {
    const end = socketOf(process, fd);
    if (isErrno(end)) return end;
    if (end.type !== 'tcp') return EINVAL;
    end.state.resets = true;
    process.fds.delete(fd);
    closeEnd(kernel, process, end);
    return undefined;
  },
  getpeername: (_, { process }, { fd }) => {
    const end = socketOf(process, fd);
    return isErrno(end) ? end : end.addresses.remote;
  },
};

/** read(2) of a stream. Node answers a read of nothing itself. */
export function readStream(
  parked: ParkedOperation,
  end: StreamEnd,
  { length, position }: Omit<Operation<'read'>, 'op'>,
): Bytes | Errno | typeof WAITS {
  if (length === 0) return '';
  if (!isAtOffset(position)) return ESPIPE;
  if (!end.readable) return EBADF;
  return receive(parked, end, length);
}

/** write(2) to a stream. */
export function writeStream(
  parked: ParkedOperation,
  end: StreamEnd,
  { data, position }: Omit<Operation<'write'>, 'op'>,
): number | Errno | typeof WAITS {
  if (position !== null) return ESPIPE;
  if (!end.writable) return EBADF;
  return transmit(parked, end, data);
}

function receive(parked: ParkedOperation, end: StreamEnd, length: number): Bytes | Errno | typeof WAITS {
  if (length === 0) return '';
  const { state, peer } = end;
  const { received, ended, failure } = state;
  if (received !== '') {
    state.received = received.slice(length);
    peer.wakeWriters();
    return received.slice(0, length);
  }
  // After its last byte a TCP connection reads to the end, reset or not.
  if (end.type === 'tcp' && ended) return '';
  if (failure !== null) {
    state.failure = null;
    return failure;
  }
  if (ended || state.down) return '';
  parked.enqueue(end.readers);
  return WAITS;
}

function transmit(parked: ParkedOperation, end: StreamEnd, data: Bytes): number | Errno | typeof WAITS {
  const { state, peer } = end;
  // Nothing can be written to a pipe that nothing reads.
  if (data === '' && end.type === 'pipe') return 0;
  if (state.shut) {
    const failure = end.type === 'tcp' ? state.failure : null;
    if (failure !== null) state.failure = null;
    return failure ?? EPIPE;
  }
  if (data === '') return 0;
  if (peer.state.gone) {
    answeredByReset(end);
    return data.length;
  }
  if (!hasRoom(end, data)) {
    parked.enqueue(end.writers);
    return WAITS;
  }
  const sent = data.slice(0, end.roomBytes);
  peer.state.received += sent;
  peer.wakeReaders();
  return sent.length;
}

/** As stat(2) shows what has no name. */
export function statOfStream({ uid, gid }: SimProcess, kind: 'fifo' | 'socket' | 'character-device'): Stat {
  const mode = kind === 'fifo' ? 0o600 : kind === 'socket' ? 0o777 : 0o666;
  return {
    ...{ kind, ino: 0, nlink: 1, uid, gid, mode, size: 0 },
    ...{ atimeMs: 0, mtimeMs: 0, ctimeMs: 0 },
  };
}

/** Whether `recv` or `read` would begin to wait. */
export function mustWaitToReceive(process: SimProcess, operation: Operation<'recv' | 'read'>): boolean {
  const end = process.fds.get(operation.fd);
  if (!isStream(end) || !end.readable || operation.length === 0) return false;
  if (operation.op === 'recv' ? end.type === 'pipe' : !isAtOffset(operation.position)) return false;
  return end.isDry;
}

/** Whether `send` or `write` would begin to wait. */
export function mustWaitToSend(process: SimProcess, operation: Operation<'send' | 'write'>): boolean {
  const end = process.fds.get(operation.fd);
  if (!isStream(end) || !end.writable) return false;
  if (operation.op === 'send' ? end.type === 'pipe' : operation.position !== null) return false;
  const { data } = operation;
  return data !== '' && !end.state.shut && !end.peer.state.gone && !hasRoom(end, data);
}

/** Of a stream there is no other. */
function isAtOffset(position: number | null): boolean {
  return position === null || position === -1;
}

function hasRoom(end: StreamEnd, data: Bytes): boolean {
  const { roomBytes } = end;
  const isWhole = end.type === 'pipe' && data.length <= PIPE_BUF_BYTES;
  return isWhole ? roomBytes >= data.length : roomBytes > 0;
}

function socketOf(process: SimProcess, fd: number): StreamEnd | Errno {
  const description = process.fds.get(fd);
  if (description === undefined) return EBADF;
  if (isListener(description)) return EINVAL;
  if (!isStream(description) || description.type === 'pipe') return ENOTSOCK;
  return description;
}

function openPair(kernel: Kernel, process: SimProcess, type: StreamKind): [number, number] | Errno {
  const pair = new StreamPair(`${process.index}.${process.sockets++}`, type);
  const fd = lowestFreeFd(process);
  if (fd < 0) return EMFILE;
  process.fds.set(fd, pair.ends[0]);
  const otherFd = lowestFreeFd(process);
  if (otherFd < 0) {
    process.fds.delete(fd);
    return EMFILE;
  }
  process.fds.set(otherFd, pair.ends[1]);
  kernel.streams.add(pair);
  return [fd, otherFd];
}
