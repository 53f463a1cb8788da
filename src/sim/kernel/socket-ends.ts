/** What becomes of sockets when they are closed, and when their processes end or go on after a stop. */
import { EBADF, ECONNRESET, type Errno } from '../base/errno.ts';
import { remove } from '../base/snapshot.ts';
import { Arrival, type Connection, isConnection } from '../records/connections.ts';
import type { SimProcess } from '../records/process.ts';
import { isListener, type Listener } from '../records/sockets.ts';
import { isStream } from '../records/streams.ts';
import type { Kernel } from './kernel.ts';
import { closeEnd } from './stream-ends.ts';

/** `graceful`: by an operation, upon which libuv unlinks a Unix socket's path, even if another file has the name by now. */
export function closeListener(
  kernel: Kernel,
  process: SimProcess,
  listener: Listener,
  how: 'graceful' | 'abrupt',
): void {
  for (const acceptor of listener.acceptors.slice()) if (acceptor.process === process) acceptor.wake();
  if (how === 'graceful' && listener.address.kind === 'unix' && listener.unlinker === process) {
    kernel.fs.unlinkName(process, listener.address.path);
  }
  // Node's server closes its connections too.
  for (const connection of listener.open.slice()) {
    if (process.requests === null || ![...process.requests.values()].includes(connection)) continue;
    connection.closed = true;
    connection.client.wake(ECONNRESET);
  }
  for (const served of listener.served.slice()) if (served.server === process) served.close();
  if (listener.leave(process)) {
    if (listener.servers.length > 0) return;
    for (const connection of listener.queue.slice()) {
      if (!connection.taken) continue;
      remove(listener.queue, connection);
      refuse(kernel, connection);
    }
    return;
  }
  kernel.listeners.remove(listener);
  for (const connection of listener.queue.splice(0)) refuse(kernel, connection);
}

/** What no program has accepted is reset. */
function refuse(kernel: Kernel, waiting: Connection | Arrival): void {
  if (waiting instanceof Arrival) {
    waiting.end.state.resets = true;
    closeEnd(kernel, null, waiting.end);
  } else {
    waiting.client.wake(ECONNRESET);
  }
}

/** A request that a process has accepted and that is answered or closed now; null: there is no such request. */
export function takeRequest({ requests }: SimProcess, number: number): Connection | null {
  const connection = requests?.get(number);
  if (!isConnection(connection)) return null;
  requests!.delete(number);
  remove(connection.listener.open, connection);
  return connection;
}

/** Closes a request without an answer. */
export function hangUp(process: SimProcess, number: number): Errno | undefined {
  const connection = takeRequest(process, number);
  if (connection === null) return EBADF;
  connection.client.wake(ECONNRESET);
  return undefined;
}

/** The process has ended: the clients whose requests it had accepted get ECONNRESET, and its own requests end. */
export function resetRequests(kernel: Kernel, process: SimProcess): void {
  if (process.requests === null) return;
  for (const [number, description] of process.requests) {
    if (isStream(description)) closeEnd(kernel, null, description);
    else hangUp(process, number);
  }
  process.requests = null;
}

/** A process goes on after a stop: its overdue timers, and its backlogs. */
export function resumeSockets({ clocks }: Kernel, process: SimProcess): void {
  for (const description of process.fds.values()) {
    if (isListener(description) && description.servers.includes(process)) description.takeAll();
  }
  for (const parked of process.runnable) {
    // In Node overdue timers come before sockets: too late, although the answer is there.
    const isLate = parked.timer !== null && parked.timer.atUs <= clocks.nowUs;
    if (isLate && parked.operation.op === 'request') parked.outcome = undefined;
  }
}
