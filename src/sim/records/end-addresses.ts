/** The addresses at both ends of a connection. */
import type { Address } from '../../ports/index.ts';
import { connectedHost, type Host, hostOf, sourceOf } from '../base/hosts.ts';
import type { SimProcess } from './process.ts';

/** As getsockname(2) and getpeername(2) give them. */
export interface EndAddresses {
  readonly local: Address;
  readonly remote: Address;
}

const NO_ADDRESS: Address = Object.freeze({ kind: 'unix', path: '' });
/** Of a pipe, or of two sockets that were made as a pair. */
export const NEITHER: EndAddresses = Object.freeze({ local: NO_ADDRESS, remote: NO_ADDRESS });
/** Linux's range of ports of clients (net.ipv4.ip_local_port_range). */
const FIRST_CLIENT_PORT = 32_768;
const CLIENT_PORTS = 28_232;

/**
 * The addresses at both ends of a new connection. The port of a client depends on which process connects, and on how many connections
 * it has made before: not on what others do.
 */
export function addressesOf(
  { index, sockets }: SimProcess,
  to: Address,
  listening: Host | null = null,
): readonly [EndAddresses, EndAddresses] {
  if (to.kind === 'unix')
    return [
      { local: NO_ADDRESS, remote: to },
      { local: to, remote: NO_ADDRESS },
    ];
  const host = connectedHost(hostOf(to.host)!);
  const clientPort = FIRST_CLIENT_PORT + ((index * 1_009 + sockets) % CLIENT_PORTS);
  const at = (text: string, tcpPort: number): Address => ({ kind: 'tcp', host: text, tcpPort });
  const source = hostOf(sourceOf(host))!;
  const seen = ({ family, key, text }: Host): string =>
    listening?.family === 6 && family === 4 ? `::ffff:${key}` : text;
  return [
    { local: at(source.text, clientPort), remote: at(host.text, to.tcpPort) },
    { local: at(seen(host), to.tcpPort), remote: at(seen(source), clientPort) },
  ];
}
