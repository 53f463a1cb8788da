import type { Address, Answer, Holder, Incoming, Request } from '../../ports/index.ts';
import type { Digest } from '../digest.ts';
import {
  EADDRINUSE,
  EAGAIN,
  EBADF,
  ECONNREFUSED,
  ECONNRESET,
  EINVAL,
  EMFILE,
  ENOTSOCK,
  EPIPE,
  type Errno,
  ETIMEDOUT,
  isErrno,
} from '../errno.ts';
import { type Description, lowestFreeFd } from '../fs/index.ts';
import { type Handlers, WAITS } from '../handler.ts';
import type { SimMachine } from '../machine.ts';
import type { ParkedOperation, SimProcess } from '../process.ts';
import type { Due } from '../timer-heap.ts';

/** A listening socket: an open file description that children may inherit. */
export interface Listener {
  readonly kind: 'listener';
  refs: number;
  readonly address: Address;
  readonly uid: number;
  readonly backlog: number;
  /** Requests that no program has accepted yet. */
  readonly queue: Connection[];
  readonly acceptors: ParkedOperation<'accept'>[];
  /** Accepted by a program and not yet answered. */
  readonly open: Connection[];
  /** Who has it open. */
  readonly holders: SimProcess[];
  /** Those of them that accept: who made it, and who has inherited it and asked. */
  readonly servers: SimProcess[];
  /** Whose close unlinks a Unix socket's name. */
  readonly maker: SimProcess;
  /** Connections that the kernel has completed while no server was running. A running Node accepts each at once. */
  backlogged: number;
}

export function isListener(description: Description | undefined): description is Listener {
  return description?.kind === 'listener';
}

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
/** What Node asks for when nothing, or 0, is said. */
const NODE_BACKLOG = 511;
/** Above all descriptors, as in src/node: `close` takes both. */
const FIRST_REQUEST = 2 ** 30;
/** sockaddr_un's, less the final NUL. */
const UNIX_PATH_LIMIT_BYTES = 107;

/** Of a connection that found the backlog full: when it began. */
class Knocking {
  readonly sinceUs: number;
  readonly retries: number;

  constructor(sinceUs: number, retries: number) {
    this.sinceUs = sinceUs;
    this.retries = retries;
  }
}

/** The first packet is sent again. */
class NextKnock implements Due {
  readonly #parked: ParkedOperation<'connect' | 'request'>;
  readonly #knocking: Knocking;

  constructor(parked: ParkedOperation<'connect' | 'request'>, knocking: Knocking) {
    this.#parked = parked;
    this.#knocking = knocking;
  }

  fire(): void {
    this.#parked.wake(this.#knocking);
  }

  digest(digest: Digest): void {
    this.#parked.digest(digest);
    digest.number(this.#knocking.sinceUs);
    digest.number(this.#knocking.retries);
  }
}

export const SOCKETS: Handlers<'listen' | 'accept' | 'answer' | 'connect' | 'request' | 'holders'> = {
  listen: (machine, { process }, { address, backlog }) => listen(machine, process, address, backlog),
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
    if (timer !== null && !(outcome instanceof Knocking && isEarly(machine, outcome, timeoutMs))) {
      return ETIMEDOUT;
    }
    const listener = findListener(machine, parked.process, address);
    if (isErrno(listener)) return listener;
    if (!isFull(listener)) return undefined;
    return knock(machine, parked, timeoutMs);
  },
  request: (machine, parked, { address, request, timeoutMs }) => {
    const { timer, outcome } = parked;
    if (timer !== null && !(outcome instanceof Knocking && isEarly(machine, outcome, timeoutMs))) {
      return outcome === undefined || outcome instanceof Knocking ? ETIMEDOUT : (outcome as Answer | Errno);
    }
    const listener = findListener(machine, parked.process, address);
    if (isErrno(listener)) return listener;
    if (isFull(listener)) return knock(machine, parked, timeoutMs);
    const taken = isServed(listener);
    const connection: Connection = { request, client: parked, listener, taken, closed: false };
    const sinceUs = outcome instanceof Knocking ? outcome.sinceUs : machine.nowUs;
    parked.outcome = undefined;
    listener.queue.push(connection);
    listener.acceptors[0]?.wake();
    parked.timer = machine.timers.set(sinceUs + timeoutMs * 1000, parked);
    return WAITS;
  },
  holders: (machine, { process }, { tcpPort }) => holdersOf(machine, tcpPort, process),
};

/** A full backlog drops a TCP connection's first packet: it is sent again until the time is up. A Unix socket says so. */
function knock(
  machine: SimMachine,
  parked: ParkedOperation<'connect' | 'request'>,
  timeoutMs: number,
): Errno | typeof WAITS {
  if (parked.operation.address.kind === 'unix') return EAGAIN;
  const { sinceUs, retries } =
    parked.outcome instanceof Knocking ? parked.outcome : new Knocking(machine.nowUs, 0);
  const retryMs = RETRIES_MS[retries] ?? Number.POSITIVE_INFINITY;
  // What is no number is soon up.
  const waitMs = Math.min(retryMs, timeoutMs);
  const next = new NextKnock(parked, new Knocking(sinceUs, retries + 1));
  parked.timer = machine.timers.set(sinceUs + waitMs * 1000, next);
  return WAITS;
}

function isEarly(machine: SimMachine, { sinceUs }: Knocking, timeoutMs: number): boolean {
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

/** Result: the listening descriptor. */
export function listen(
  machine: SimMachine,
  process: SimProcess,
  address: Address,
  backlog: number,
): number | Errno {
  const fd = lowestFreeFd(process);
  if (fd < 0) return EMFILE;
  const listener: Listener = {
    kind: 'listener',
    refs: 1,
    address,
    uid: process.uid,
    backlog: backlog || NODE_BACKLOG,
    queue: [],
    acceptors: [],
    open: [],
    holders: [process],
    servers: [process],
    maker: process,
    backlogged: 0,
  };
  if (address.kind === 'unix') {
    if (isTooLong(address.path)) return EINVAL;
    const failure = machine.fs.bindSocket(process, address.path, listener);
    if (failure !== undefined) return failure;
  } else {
    if (machine.listeners.some((other) => clash(other.address, address))) return EADDRINUSE;
  }
  machine.listeners.push(listener);
  process.fds.set(fd, listener);
  return fd;
}

/** Who has a listening socket of this TCP port open, on whatever address. Whose descriptors the viewer may not see has no PID. */
export function holdersOf(machine: SimMachine, tcpPort: number, viewer: SimProcess | null = null): Holder[] {
  const holders: Holder[] = [];
  for (const listener of machine.listeners) {
    const { address, uid } = listener;
    if (address.kind !== 'tcp' || address.tcpPort !== tcpPort) continue;
    const { host } = address;
    const mayLook = (holder: SimProcess): boolean =>
      viewer === null ||
      ((viewer.uid === 0 || viewer.uid === holder.uid) && viewer.pidNamespace === holder.pidNamespace);
    const seen = listener.holders.filter(mayLook);
    for (const { pid } of seen) holders.push({ pid, uid, host });
    if (seen.length === 0) holders.push({ pid: null, uid, host });
  }
  return holders;
}

/** `graceful`: by close(2) in a program, upon which libuv unlinks a Unix socket's path, whoever bears it by now. */
export function closeListener(
  machine: SimMachine,
  process: SimProcess,
  listener: Listener,
  how: 'graceful' | 'abrupt',
): void {
  for (const acceptor of listener.acceptors.slice()) if (acceptor.process === process) acceptor.wake();
  if (how === 'graceful' && listener.address.kind === 'unix' && listener.maker === process) {
    machine.fs.unlinkName(process, listener.address.path);
  }
  remove(listener.holders, process);
  remove(listener.servers, process);
  // Node's server closes its connections too.
  for (const connection of listener.open.slice()) {
    if (process.requests === null || ![...process.requests.values()].includes(connection)) continue;
    connection.closed = true;
    connection.client.wake(ECONNRESET);
  }
  listener.refs--;
  if (listener.refs > 0) {
    if (listener.servers.length > 0) return;
    for (const connection of listener.queue.slice()) {
      if (!connection.taken) continue;
      remove(listener.queue, connection);
      connection.client.wake(ECONNRESET);
    }
    return;
  }
  remove(machine.listeners, listener);
  for (const { client } of listener.queue.splice(0)) client.wake(ECONNRESET);
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

function findListener(machine: SimMachine, process: SimProcess, address: Address): Listener | Errno {
  if (address.kind === 'unix') {
    if (isTooLong(address.path)) return EINVAL;
    const found = machine.fs.lookupSocket(process, address.path);
    if (isErrno(found)) return found;
    return machine.listeners.includes(found as Listener) ? (found as Listener) : ECONNREFUSED;
  }
  const exact = machine.listeners.find((listener) => reaches(address, listener.address, false));
  return (
    exact ?? machine.listeners.find((listener) => reaches(address, listener.address, true)) ?? ECONNREFUSED
  );
}

function isTooLong(path: string): boolean {
  // No character has more than three bytes a unit.
  if (path.length * 3 <= UNIX_PATH_LIMIT_BYTES) return false;
  return new TextEncoder().encode(path).length > UNIX_PATH_LIMIT_BYTES;
}

function reaches(to: Address & { kind: 'tcp' }, listening: Address, anyHost: boolean): boolean {
  if (listening.kind !== 'tcp' || listening.tcpPort !== to.tcpPort) return false;
  return anyHost ? WILDCARDS.has(listening.host) : listening.host === to.host;
}

/** Linux: one listener on the wildcard address excludes every other on that TCP port, and the other way round. */
function clash(a: Address, b: Address): boolean {
  if (a.kind !== 'tcp' || b.kind !== 'tcp' || a.tcpPort !== b.tcpPort) return false;
  return a.host === b.host || WILDCARDS.has(a.host) || WILDCARDS.has(b.host);
}

/** Linux listens on `::`, Node's default, for IPv4 too (net.ipv6.bindv6only is 0). */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
