/** What clients and servers do over sockets: connecting, asking, accepting, answering. */
import type { Answer, Incoming, Request } from '../../ports/index.ts';
import type { StateHasher } from '../kernel/digest.ts';
import {
  EAGAIN,
  EBADF,
  ECONNRESET,
  ENOTSOCK,
  EPIPE,
  type Errno,
  ETIMEDOUT,
  isErrno,
} from '../kernel/errno.ts';
import { type Handlers, WAITS } from '../kernel/handler.ts';
import type { SimMachine } from '../kernel/machine.ts';
import type { ParkedOperation, SimProcess } from '../kernel/process.ts';
import type { Due } from '../kernel/timer-heap.ts';
import {
  findListener,
  getsockname,
  holdersOf,
  isListener,
  type Listener,
  listen,
  remove,
} from './listeners.ts';

/** One request and its answer. */
export interface Connection {
  readonly request: Request;
  /** The asker's parked operation. It may have ended by now: what it has sent is there all the same. */
  readonly client: ParkedOperation<'request'>;
  readonly listener: Listener;
  /** A server has accepted it, though perhaps no program: it ends with that server. */
  taken: boolean;
  /** The server has hung up. */
  closed: boolean;
}

/** Linux sends the first packet again when nobody has answered it: after one second, three, seven. */
const RETRIES_MS = [1_000, 3_000, 7_000, 15_000, 31_000, 63_000];
/** Above all descriptors, as in src/node: `close` takes both. */
const FIRST_REQUEST = 2 ** 30;

/** Of a connection that found the backlog full: when it began. */
class PendingConnect {
  readonly sinceUs: number;
  readonly retries: number;

  constructor(sinceUs: number, retries: number) {
    this.sinceUs = sinceUs;
    this.retries = retries;
  }
}

/** The first packet is sent again. */
class SynRetry implements Due {
  readonly #parked: ParkedOperation<'connect' | 'request'>;
  readonly #knocking: PendingConnect;

  constructor(parked: ParkedOperation<'connect' | 'request'>, knocking: PendingConnect) {
    this.#parked = parked;
    this.#knocking = knocking;
  }

  fire(): void {
    this.#parked.wake(this.#knocking);
  }

  digest(digest: StateHasher): void {
    this.#parked.digest(digest);
    digest.number(this.#knocking.sinceUs);
    digest.number(this.#knocking.retries);
  }
}

type SocketOperations = 'listen' | 'getsockname' | 'accept' | 'answer' | 'connect' | 'request' | 'holders';

export const SOCKETS: Handlers<SocketOperations> = {
  listen: (machine, { process }, operation) => listen(machine, process, operation),
  getsockname: (_, { process }, { fd }) => getsockname(process, fd),
  accept: (_, parked, { fd }) => {
    const { process } = parked;
    const listener = process.fds.get(fd);
    if (listener === undefined) return EBADF;
    if (!isListener(listener)) return ENOTSOCK;
    if (!listener.servers.includes(process)) serve(listener, process);
    const connection = listener.queue.shift();
    if (connection !== undefined) return accepted(process, connection);
    listener.acceptors.push(parked);
    parked.queue = listener.acceptors;
    return WAITS;
  },
  answer: (machine, { process }, { request, answer }) => {
    const connection = process.requests?.get(request);
    if (connection === undefined) return EBADF;
    process.requests!.delete(request);
    remove(connection.listener.open, connection);
    if (connection.closed) return EPIPE;
    // Who answers somebody who has gone may have heard of it by now, or not.
    if (isGone(connection)) return machine.choices.choose(2, 'machine') === 0 ? undefined : EPIPE;
    connection.client.wake(answer);
    return undefined;
  },
  connect: (machine, parked, { address, timeoutMs }) => {
    const { timer, outcome } = parked;
    if (timer !== null && !(outcome instanceof PendingConnect && isEarly(machine, outcome, timeoutMs))) {
      return ETIMEDOUT;
    }
    const listener = findListener(machine, parked.process, address);
    if (isErrno(listener)) return listener;
    if (!isFull(listener)) return undefined;
    return knock(machine, parked, timeoutMs);
  },
  request: (machine, parked, { address, request, timeoutMs }) => {
    const { timer, outcome } = parked;
    if (timer !== null && !(outcome instanceof PendingConnect && isEarly(machine, outcome, timeoutMs))) {
      return outcome === undefined || outcome instanceof PendingConnect
        ? ETIMEDOUT
        : (outcome as Answer | Errno);
    }
    const listener = findListener(machine, parked.process, address);
    if (isErrno(listener)) return listener;
    if (isFull(listener)) return knock(machine, parked, timeoutMs);
    const taken = isServed(listener);
    const connection: Connection = { request, client: parked, listener, taken, closed: false };
    const sinceUs = outcome instanceof PendingConnect ? outcome.sinceUs : machine.nowUs;
    parked.outcome = undefined;
    listener.queue.push(connection);
    listener.acceptors[0]?.wake();
    parked.timer = machine.timers.set(sinceUs + timeoutMs * 1000, parked);
    return WAITS;
  },
  holders: (machine, { process }, { tcpPort }) => holdersOf(machine, process.network, tcpPort, process),
};

/** A full backlog drops a TCP connection's first packet: it is sent again until the time is up. A Unix socket says so. */
function knock(
  machine: SimMachine,
  parked: ParkedOperation<'connect' | 'request'>,
  timeoutMs: number,
): Errno | typeof WAITS {
  if (parked.operation.address.kind === 'unix') return EAGAIN;
  const { sinceUs, retries } =
    parked.outcome instanceof PendingConnect ? parked.outcome : new PendingConnect(machine.nowUs, 0);
  const retryMs = RETRIES_MS[retries] ?? Number.POSITIVE_INFINITY;
  // What is no number is soon up.
  const waitMs = Math.min(retryMs, timeoutMs);
  const next = new SynRetry(parked, new PendingConnect(sinceUs, retries + 1));
  parked.timer = machine.timers.set(sinceUs + waitMs * 1000, next);
  return WAITS;
}

function isEarly(machine: SimMachine, { sinceUs }: PendingConnect, timeoutMs: number): boolean {
  return machine.nowUs < sinceUs + timeoutMs * 1000;
}

function isServed({ servers }: Listener): boolean {
  for (const server of servers) if (server.state === 'running') return true;
  return false;
}

function serve(listener: Listener, process: SimProcess): void {
  listener.servers.push(process);
  takeAll(listener);
}

/** What the kernel has completed meanwhile is accepted. */
function takeAll(listener: Listener): void {
  listener.backlogged = 0;
  for (const connection of listener.queue) connection.taken = true;
}

/** Only while all who could accept are stopped: then the kernel completes as many connections as the backlog, and one. */
function isFull(listener: Listener): boolean {
  if (isServed(listener)) return false;
  if (listener.backlogged > listener.backlog) return true;
  listener.backlogged++;
  return false;
}

function isGone({ client }: Connection): boolean {
  return client.state === 'settled' || !client.process.alive;
}

/** A process goes on: what overdue timers and full backlogs mean then. */
export function resumeSockets(machine: SimMachine, process: SimProcess): void {
  for (const description of process.fds.values()) {
    if (isListener(description) && description.servers.includes(process)) takeAll(description);
  }
  for (const parked of process.runnable) {
    // In Node overdue timers come before sockets: too late, although the answer is there.
    const isLate = parked.timer !== null && parked.timer.atUs <= machine.nowUs;
    if (isLate && parked.operation.op === 'request') parked.outcome = undefined;
  }
}

/** Closes a request without an answer. */
export function hangUp(process: SimProcess, request: number): Errno | undefined {
  const connection = process.requests?.get(request);
  if (connection === undefined) return EBADF;
  process.requests!.delete(request);
  remove(connection.listener.open, connection);
  connection.client.wake(ECONNRESET);
  return undefined;
}

/** The askers whose requests a process had accepted learn that it is gone. */
export function resetRequests(process: SimProcess): void {
  if (process.requests === null) return;
  for (const connection of process.requests.values()) {
    remove(connection.listener.open, connection);
    connection.client.wake(ECONNRESET);
  }
  process.requests = null;
}

function accepted(process: SimProcess, connection: Connection): Incoming {
  process.requests ??= new Map();
  const request = FIRST_REQUEST + process.accepted++;
  process.requests.set(request, connection);
  connection.listener.open.push(connection);
  return { request, path: connection.request.path, body: connection.request.body };
}
