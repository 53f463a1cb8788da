/** The addresses at both ends of a connection, as a socket shows them. */
import type { Address } from '../../ports/index.ts';
import { executeNow } from '../script.ts';
import type { TcpAddress } from './addresses.ts';
import type { NetContext } from './context.ts';
import { isIPv6 } from './node.ts';

export type End = 'local' | 'remote';

export class ConnectionNames {
  readonly #net: NetContext;
  readonly #known: { local?: TcpAddress | null; remote?: TcpAddress | null } = {};

  constructor(net: NetContext) {
    this.#net = net;
  }

  /**
   * As in Node it is there as long as the connection is open; that of the other end is remembered once it was asked for.
   *
   * @param fd null: it is closed
   * @returns null of a Unix socket, and if it is not there
   */
  of(end: End, fd: number | null): TcpAddress | null {
    const known = this.#known[end];
    if (known !== undefined && (end === 'remote' || fd !== null)) return known;
    if (fd === null) return null;
    const op = end === 'local' ? 'getsockname' : 'getpeername';
    const address = executeNow(this.#net.caller, { op, fd }) as Address;
    const name = address.kind === 'tcp' ? address : null;
    this.#known[end] = name;
    return name;
  }
}

export function familyOf(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  return isIPv6(host) ? 'IPv6' : 'IPv4';
}
