import type { Address, Answer, Holder, Incoming, Request } from '../../ports/index.ts';
import {
  EADDRINUSE,
  EBADF,
  ECONNREFUSED,
  ECONNRESET,
  EINVAL,
  EMFILE,
  type Errno,
  ETIMEDOUT,
  isErrno,
} from '../errno.ts';
import { type Description, lowestFreeFd } from '../fs/index.ts';
import { type Handlers, WAITS } from '../handler.ts';
import type { SimMachine } from '../machine.ts';
import type { ParkedOperation, SimProcess } from '../process.ts';

/** A listening socket: an open file description that children may inherit. */
export interface Listener {
  readonly kind: 'listener';
  refs: number;
  readonly address: Address;
  readonly uid: number;
  readonly backlog: number;
  /** Connections that nobody has accepted yet. A stopped process's socket still takes them. */
  readonly queue: Connection[];
  readonly acceptors: ParkedOperation<'accept'>[];
}

export function isListener(description: Description | undefined): description is Listener {
  return description?.kind === 'listener';
}

/** One request and its answer. */
export interface Connection {
  readonly request: Request;
  /** The asker's parked operation. */
  readonly client: ParkedOperation<'request'>;
}

export const SOCKETS: Handlers<'listen' | 'accept' | 'answer' | 'connect' | 'request' | 'holders'> = {
  listen: (machine, { process }, { address, backlog }) => listen(machine, process, address, backlog),
  accept: (machine, parked, { fd }) => {
    const { process } = parked;
    const listener = process.fds.get(fd);
    if (listener === undefined) return EBADF;
    if (!isListener(listener)) return EINVAL;
    const connection = listener.queue.shift();
    if (connection !== undefined) return accepted(machine, process, connection);
    listener.acceptors.push(parked);
    parked.leave = () => remove(listener.acceptors, parked);
    return WAITS;
  },
  answer: (_, { process }, { request, answer }) => {
    const connection = process.requests?.get(request);
    if (connection === undefined) return EBADF;
    process.requests!.delete(request);
    // An asker that has gone away is not the server's error.
    connection.client.wake(answer);
    return undefined;
  },
  connect: (machine, parked, { address, timeoutMs }) => {
    if (parked.timer !== null) return ETIMEDOUT;
    const listener = findListener(machine, parked.process, address);
    if (isErrno(listener)) return listener;
    if (listener.queue.length <= listener.backlog) return undefined;
    parked.timer = machine.timers.set(machine.nowUs + timeoutMs * 1000, () => parked.wake());
    return WAITS;
  },
  request: (machine, parked, { address, request, timeoutMs }) => {
    if (parked.timer !== null) return (parked.outcome as Answer | Errno | undefined) ?? ETIMEDOUT;
    const listener = findListener(machine, parked.process, address);
    if (isErrno(listener)) return listener;
    const connection: Connection = { request, client: parked };
    // A full backlog drops the connection's first packet; the asker learns nothing until its time is up.
    if (listener.queue.length <= listener.backlog) {
      listener.queue.push(connection);
      listener.acceptors.shift()?.wake();
    }
    parked.timer = machine.timers.set(machine.nowUs + timeoutMs * 1000, () => parked.wake());
    parked.leave = () => remove(listener.queue, connection);
    return WAITS;
  },
  holders: (machine, _, { tcpPort }) => holdersOf(machine, tcpPort),
};

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
    backlog,
    queue: [],
    acceptors: [],
  };
  if (address.kind === 'unix') {
    const failure = machine.fs.bindSocket(process, address.path, listener);
    if (failure !== undefined) return failure;
  } else {
    if (machine.listeners.some((other) => clash(other.address, address))) return EADDRINUSE;
  }
  machine.listeners.push(listener);
  process.fds.set(fd, listener);
  return fd;
}

/** Who has a listening socket of this TCP port open, on whatever address. */
export function holdersOf(machine: SimMachine, tcpPort: number): Holder[] {
  const holders: Holder[] = [];
  for (const listener of machine.listeners) {
    const { address } = listener;
    if (address.kind !== 'tcp' || address.tcpPort !== tcpPort) continue;
    for (const process of machine.table.all()) {
      for (const description of process.fds.values()) {
        if (description === listener)
          holders.push({ pid: process.pid, uid: listener.uid, host: address.host });
      }
    }
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
  if (how === 'graceful' && listener.address.kind === 'unix') {
    machine.fs.unlinkName(process, listener.address.path);
  }
  listener.refs--;
  if (listener.refs > 0) return;
  remove(machine.listeners, listener);
  for (const { client } of listener.queue.splice(0)) client.wake(ECONNRESET);
}

/** The askers whose requests a process had accepted learn that it is gone. */
export function resetRequests(process: SimProcess): void {
  if (process.requests === null) return;
  for (const { client } of process.requests.values()) client.wake(ECONNRESET);
  process.requests = null;
}

function accepted(machine: SimMachine, process: SimProcess, connection: Connection): Incoming {
  process.requests ??= new Map();
  const request = machine.nextRequest++;
  process.requests.set(request, connection);
  connection.client.leave = null;
  return { request, path: connection.request.path, body: connection.request.body };
}

function findListener(machine: SimMachine, process: SimProcess, address: Address): Listener | Errno {
  if (address.kind === 'unix') {
    const found = machine.fs.lookupSocket(process, address.path);
    if (isErrno(found)) return found;
    return machine.listeners.includes(found as Listener) ? (found as Listener) : ECONNREFUSED;
  }
  const exact = machine.listeners.find((listener) => reaches(address, listener.address, false));
  return (
    exact ?? machine.listeners.find((listener) => reaches(address, listener.address, true)) ?? ECONNREFUSED
  );
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
