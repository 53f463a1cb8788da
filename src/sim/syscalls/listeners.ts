/** Listening: which addresses are free, which listener a connection reaches, and which processes hold a port. */
import type { Address, Holder, Operation } from '../../ports/index.ts';
import { EADDRINUSE, ECONNREFUSED, EINVAL, EMFILE, ENOTFOUND, type Errno, isErrno } from '../base/errno.ts';
import { clashes, hostOf, reaches } from '../base/hosts.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ListenerTable } from '../records/listener-table.ts';
import type { SimProcess } from '../records/process.ts';
import { Listener } from '../records/sockets.ts';
import { lowestFreeFd } from '../vfs/index.ts';

/** Node's backlog if it is 0 or missing. */
const NODE_BACKLOG = 511;
/** The limit of sockaddr_un without the final NUL. */
const UNIX_PATH_LIMIT_BYTES = 107;
const MAX_PORT = 65_535;

/** Result: the listening descriptor. */
export function listen(
  { fs, listeners }: Kernel,
  process: SimProcess,
  { address, backlog, unlinkOnClose = true, streams = false }: Omit<Operation<'listen'>, 'op'>,
): number | Errno {
  const fd = lowestFreeFd(process);
  if (fd < 0) return EMFILE;
  const bound = address.kind === 'unix' ? address : tcpAddress(listeners, process.network, address);
  if (isErrno(bound)) return bound;
  const host = bound.kind === 'unix' ? null : hostOf(bound.host);
  const listener = new Listener(process, bound, host, backlog || NODE_BACKLOG, unlinkOnClose, streams);
  if (bound.kind === 'unix') {
    if (isTooLong(bound.path)) return EINVAL;
    const failure = fs.bindSocket(process, bound.path, listener);
    if (failure !== undefined) return failure;
  }
  listeners.add(listener);
  process.fds.set(fd, listener);
  return fd;
}

/** The listener that a connection reaches. */
export function findListener(
  { fs, listeners }: Kernel,
  process: SimProcess,
  address: Address,
): Listener | Errno {
  if (address.kind === 'unix') {
    if (isTooLong(address.path)) return EINVAL;
    const found = fs.lookupSocket(process, address.path);
    if (isErrno(found)) return found;
    return listeners.has(found as Listener) ? (found as Listener) : ECONNREFUSED;
  }
  if (!isPort(address.tcpPort)) return EINVAL;
  const to = hostOf(address.host);
  if (to === null) return ENOTFOUND;
  const found = listeners.onPort(process.network, address.tcpPort).find(({ host }) => reaches(to, host!));
  return found ?? ECONNREFUSED;
}

/**
 * The processes of a network that hold a listening socket on this TCP port, on any address. The PID is missing if the viewer may not
 * see the descriptors of the process; without a viewer, all have one.
 */
export function holdersOf(
  { listeners }: Pick<Kernel, 'listeners'>,
  network: string,
  tcpPort: number,
  viewer: SimProcess | null = null,
): Holder[] {
  const holders: Holder[] = [];
  for (const { uid, host, holders: all } of listeners.onPort(network, tcpPort)) {
    const mayLook = (holder: SimProcess): boolean =>
      viewer === null ||
      ((viewer.uid === 0 || viewer.uid === holder.uid) && viewer.pidNamespace === holder.pidNamespace);
    const seen = all.filter(mayLook);
    for (const { pid } of seen) holders.push({ pid, uid, host: host!.text });
    if (seen.length === 0) holders.push({ pid: null, uid, host: host!.text });
  }
  return holders;
}

/** The address in the notation of the kernel. */
function tcpAddress(
  listeners: ListenerTable,
  network: string,
  { host: text, tcpPort }: Address & { kind: 'tcp' },
): (Address & { kind: 'tcp' }) | Errno {
  if (!isPort(tcpPort)) return EINVAL;
  const host = hostOf(text);
  if (host === null) return ENOTFOUND;
  const inTheWay = (listener: Listener): boolean =>
    listener.host !== null && listener.network === network && clashes(listener.host, host);
  if (tcpPort === 0) {
    const taken = listeners.all().filter(inTheWay);
    const given = listeners.nextPort(network, new Set(taken.map((listener) => listener.tcpPort)));
    return given === null ? EADDRINUSE : { kind: 'tcp', host: host.text, tcpPort: given };
  }
  if (listeners.onPort(network, tcpPort).some(inTheWay)) return EADDRINUSE;
  return { kind: 'tcp', host: host.text, tcpPort };
}

function isPort(tcpPort: number): boolean {
  return Number.isInteger(tcpPort) && tcpPort >= 0 && tcpPort <= MAX_PORT;
}

function isTooLong(path: string): boolean {
  // A UTF-16 unit has at most three bytes in UTF-8.
  if (path.length * 3 <= UNIX_PATH_LIMIT_BYTES) return false;
  return new TextEncoder().encode(path).length > UNIX_PATH_LIMIT_BYTES;
}
