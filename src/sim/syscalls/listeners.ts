/** Listening sockets of the simulated machine: who may listen where, who is reached, who holds them. */
import type { Address, Holder, Operation } from '../../ports/index.ts';
import {
  EADDRINUSE,
  EBADF,
  ECONNREFUSED,
  ECONNRESET,
  EINVAL,
  EMFILE,
  ENOTFOUND,
  ENOTSOCK,
  type Errno,
  isErrno,
} from '../kernel/errno.ts';
import { clashes, type Host, hostOf, reaches } from '../kernel/hosts.ts';
import type { SimMachine } from '../kernel/machine.ts';
import type { ParkedOperation, SimProcess } from '../kernel/process.ts';
import { type Description, lowestFreeFd } from '../vfs/index.ts';
import type { Connection } from './sockets.ts';

/** A listening socket: an open file description that children may inherit. */
export interface Listener {
  readonly kind: 'listener';
  refs: number;
  /** As getsockname(2) tells it. */
  readonly address: Address;
  /** Of a TCP address. */
  readonly host: Host | null;
  /** Which network a TCP address is of. */
  readonly network: string;
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
  /** Whose close unlinks a Unix socket's name, as libuv's does. Null: close leaves the name, as close(2) does. */
  readonly unlinker: SimProcess | null;
  /** Connections that the kernel has completed while no server was running. A running Node accepts each at once. */
  backlogged: number;
}

/** What Node asks for when nothing, or 0, is said. */
const NODE_BACKLOG = 511;
/** sockaddr_un's, less the final NUL. */
const UNIX_PATH_LIMIT_BYTES = 107;
const MAX_PORT = 65_535;
/** Linux's default (net.ipv4.ip_local_port_range). It picks one at random; the simulation takes the next in turn. */
const FIRST_EPHEMERAL_PORT = 32_768;
const LAST_EPHEMERAL_PORT = 60_999;

export function isListener(description: Description | undefined): description is Listener {
  return description?.kind === 'listener';
}

/** Result: the listening descriptor. */
export function listen(
  machine: SimMachine,
  process: SimProcess,
  { address, backlog, unlinkOnClose = true }: Omit<Operation<'listen'>, 'op'>,
): number | Errno {
  const fd = lowestFreeFd(process);
  if (fd < 0) return EMFILE;
  const bound = address.kind === 'unix' ? address : tcpAddress(machine, process, address);
  if (isErrno(bound)) return bound;
  const listener: Listener = {
    kind: 'listener',
    refs: 1,
    address: bound,
    host: bound.kind === 'unix' ? null : hostOf(bound.host),
    network: process.network,
    uid: process.uid,
    backlog: backlog || NODE_BACKLOG,
    queue: [],
    acceptors: [],
    open: [],
    holders: [process],
    servers: [process],
    unlinker: unlinkOnClose ? process : null,
    backlogged: 0,
  };
  if (bound.kind === 'unix') {
    if (isTooLong(bound.path)) return EINVAL;
    const failure = machine.fs.bindSocket(process, bound.path, listener);
    if (failure !== undefined) return failure;
  }
  machine.listeners.push(listener);
  process.fds.set(fd, listener);
  return fd;
}

/** Where a listening descriptor listens: of TCP port 0 the port that was given. */
export function getsockname(process: SimProcess, fd: number): Address | Errno {
  const listener = process.fds.get(fd);
  if (listener === undefined) return EBADF;
  return isListener(listener) ? listener.address : ENOTSOCK;
}

/** Whom a connection reaches. */
export function findListener(machine: SimMachine, process: SimProcess, address: Address): Listener | Errno {
  if (address.kind === 'unix') {
    if (isTooLong(address.path)) return EINVAL;
    const found = machine.fs.lookupSocket(process, address.path);
    if (isErrno(found)) return found;
    return machine.listeners.includes(found as Listener) ? (found as Listener) : ECONNREFUSED;
  }
  if (!isPort(address.tcpPort)) return EINVAL;
  const to = hostOf(address.host);
  if (to === null) return ENOTFOUND;
  const found = listenersOn(machine, process.network, address.tcpPort).find(({ host }) => reaches(to, host!));
  return found ?? ECONNREFUSED;
}

/** Who of a network has a listening socket of this TCP port open, on whatever address. Whose descriptors the viewer may not see has no PID. */
export function holdersOf(
  machine: SimMachine,
  network: string,
  tcpPort: number,
  viewer: SimProcess | null = null,
): Holder[] {
  const holders: Holder[] = [];
  for (const { uid, host, holders: all } of listenersOn(machine, network, tcpPort)) {
    const mayLook = (holder: SimProcess): boolean =>
      viewer === null ||
      ((viewer.uid === 0 || viewer.uid === holder.uid) && viewer.pidNamespace === holder.pidNamespace);
    const seen = all.filter(mayLook);
    for (const { pid } of seen) holders.push({ pid, uid, host: host!.text });
    if (seen.length === 0) holders.push({ pid: null, uid, host: host!.text });
  }
  return holders;
}

/** `graceful`: by an operation, upon which libuv unlinks a Unix socket's path, whatever has the name by now. */
export function closeListener(
  machine: SimMachine,
  process: SimProcess,
  listener: Listener,
  how: 'graceful' | 'abrupt',
): void {
  for (const acceptor of listener.acceptors.slice()) if (acceptor.process === process) acceptor.wake();
  if (how === 'graceful' && listener.address.kind === 'unix' && listener.unlinker === process) {
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

export function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

function isTcp({ host }: Listener): boolean {
  return host !== null;
}

function portOf({ address }: Listener): number {
  return address.kind === 'tcp' ? address.tcpPort : 0;
}

function listenersOn(machine: SimMachine, network: string, tcpPort: number): Listener[] {
  return machine.listeners.filter(
    (listener) => isTcp(listener) && portOf(listener) === tcpPort && listener.network === network,
  );
}

/** The address as the kernel keeps it. */
function tcpAddress(
  machine: SimMachine,
  { network }: SimProcess,
  { host: text, tcpPort }: Address & { kind: 'tcp' },
): (Address & { kind: 'tcp' }) | Errno {
  if (!isPort(tcpPort)) return EINVAL;
  const host = hostOf(text);
  if (host === null) return ENOTFOUND;
  const inTheWay = (listener: Listener): boolean =>
    listener.network === network && clashes(listener.host!, host);
  if (tcpPort === 0) {
    const given = ephemeralPort(
      machine,
      network,
      new Set(machine.listeners.filter(isTcp).filter(inTheWay).map(portOf)),
    );
    return given === null ? EADDRINUSE : { kind: 'tcp', host: host.text, tcpPort: given };
  }
  if (listenersOn(machine, network, tcpPort).some(inTheWay)) return EADDRINUSE;
  return { kind: 'tcp', host: host.text, tcpPort };
}

/** Null: there is none left. */
function ephemeralPort(
  { lastPorts }: SimMachine,
  network: string,
  taken: ReadonlySet<number>,
): number | null {
  const last = lastPorts.get(network) ?? FIRST_EPHEMERAL_PORT - 1;
  const count = LAST_EPHEMERAL_PORT - FIRST_EPHEMERAL_PORT + 1;
  for (let next = 1; next <= count; next++) {
    const port = FIRST_EPHEMERAL_PORT + ((last - FIRST_EPHEMERAL_PORT + next) % count);
    if (taken.has(port)) continue;
    lastPorts.set(network, port);
    return port;
  }
  return null;
}

function isPort(tcpPort: number): boolean {
  return Number.isInteger(tcpPort) && tcpPort >= 0 && tcpPort <= MAX_PORT;
}

function isTooLong(path: string): boolean {
  // No character has more than three bytes a unit.
  if (path.length * 3 <= UNIX_PATH_LIMIT_BYTES) return false;
  return new TextEncoder().encode(path).length > UNIX_PATH_LIMIT_BYTES;
}
