/** Operations of clients and servers: listen, connect, request, accept, answer. */
import type { Answer } from '../../ports/index.ts';
import { wellFormed } from '../../ports/well-formed.ts';
import { EBADF, EINVAL, ENOTSOCK, EPIPE, type Errno, ETIMEDOUT, isErrno } from '../base/errno.ts';
import { remove } from '../base/snapshot.ts';
import { type Handlers, WAITS } from '../kernel/handler.ts';
import { arrive, ServedEnd, sendAsBytes, stopAsking } from '../kernel/messages.ts';
import { takeRequest } from '../kernel/socket-ends.ts';
import { closeEnd } from '../kernel/stream-ends.ts';
import { Arrival, Connection } from '../records/connections.ts';
import { isListener } from '../records/sockets.ts';
import { isStream } from '../records/streams.ts';
import { isFull, mayRetry, PendingConnect, retryLater } from './backlog.ts';
import { findListener, holdersOf, listen } from './listeners.ts';

type SocketOperations = 'listen' | 'getsockname' | 'accept' | 'answer' | 'connect' | 'request' | 'holders';

export const SOCKETS: Handlers<SocketOperations> = {
  listen: (kernel, { process }, operation) => listen(kernel, process, operation),
  getsockname: (_, { process }, { fd }) => {
    const listener = process.fds.get(fd);
    if (listener === undefined) return EBADF;
    if (isStream(listener) && listener.type !== 'pipe') return listener.addresses.local;
    return isListener(listener) ? listener.address : ENOTSOCK;
  },
  accept: (kernel, parked, { fd }) => {
    const { process } = parked;
    const listener = process.fds.get(fd);
    if (listener === undefined) return EBADF;
    if (!isListener(listener)) return ENOTSOCK;
    if (listener.streams) return EINVAL;
    listener.serve(process);
    for (const arrival of listener.queue.slice()) {
      if (!(arrival instanceof Arrival)) continue;
      remove(listener.queue, arrival);
      new ServedEnd(kernel, process, arrival.end, listener).arrived();
    }
    const connection = listener.queue.shift() as Connection | undefined;
    if (connection === undefined) {
      parked.enqueue(listener.acceptors);
      return WAITS;
    }
    listener.open.push(connection);
    const { path, body } = connection.request;
    return { request: process.addRequest(connection), path, body: wellFormed(body) };
  },
  answer: ({ choices }, { process }, { request, answer }) => {
    const connection = takeRequest(process, request);
    if (connection === null) return EBADF;
    if (connection.closed) return EPIPE;
    // Whether a server already knows that its client is gone is a choice.
    if (connection.isGone) return choices.choose(2, 'machine') === 0 ? undefined : EPIPE;
    connection.client.wake(asReceived(answer));
    return undefined;
  },
  connect: (kernel, parked, { address, timeoutMs }) => {
    if (parked.timer !== null && !mayRetry(kernel, parked, timeoutMs)) return ETIMEDOUT;
    const listener = findListener(kernel, parked.process, address);
    if (isErrno(listener)) return listener;
    if (isFull(listener)) return retryLater(kernel, parked, timeoutMs);
    if (listener.streams) closeEnd(kernel, null, arrive(kernel, parked.process, address, listener));
    return undefined;
  },
  request: (kernel, parked, { address, timeoutMs }) => {
    const { timer, outcome } = parked;
    if (timer !== null && !mayRetry(kernel, parked, timeoutMs)) {
      stopAsking(parked);
      return outcome === undefined || outcome instanceof PendingConnect
        ? ETIMEDOUT
        : (outcome as Answer | Errno);
    }
    const listener = findListener(kernel, parked.process, address);
    if (isErrno(listener)) return listener;
    if (isFull(listener)) return retryLater(kernel, parked, timeoutMs);
    const sinceUs = outcome instanceof PendingConnect ? outcome.sinceUs : kernel.clocks.nowUs;
    parked.outcome = undefined;
    if (listener.streams) {
      sendAsBytes(kernel, parked, listener);
    } else {
      listener.queue.push(new Connection(parked, listener, parked.operation.request));
      listener.acceptors[0]?.wake();
    }
    parked.timer = kernel.timers.set(sinceUs + timeoutMs * 1000, parked);
    return WAITS;
  },
  holders: (kernel, { process }, { tcpPort }) => holdersOf(kernel, process.network, tcpPort, process),
};

/** HTTP sends a body as UTF-8, and none with a status that has none. */
function asReceived({ status, body }: Answer): Answer {
  return { status, body: status === 204 || status === 304 ? '' : wellFormed(body) };
}
