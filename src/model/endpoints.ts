/** Which endpoints a process may connect to: an address in a claim must not lead us to another machine or to another daemon. */
import type { Address } from '../ports/index.ts';

/** Loopback, or all addresses of this machine. */
const LOCAL = /^(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|::1?|::ffff:127(?:\.\d{1,3}){3})$/i;

/**
 * Whether an endpoint of a claim may be asked: on loopback, a socket in the state directory, or where we ourselves would listen.
 *
 * @param own our own endpoint; `null`: none
 */
export function mayAsk(endpoint: Address, directory: string, own: Address | null): boolean {
  if (own !== null && isSame(endpoint, own)) return true;
  if (endpoint.kind === 'tcp') return LOCAL.test(endpoint.host);
  const inside = endpoint.path.startsWith(`${directory}/`) ? endpoint.path.slice(directory.length + 1) : '';
  return inside !== '' && !inside.includes('/');
}

function isSame(a: Address, b: Address): boolean {
  if (a.kind === 'tcp') return b.kind === 'tcp' && a.host === b.host && a.tcpPort === b.tcpPort;
  return b.kind === 'unix' && a.path === b.path;
}

/** For messages. */
export function describe(endpoint: Address): string {
  return endpoint.kind === 'tcp' ? `TCP port ${endpoint.tcpPort}` : endpoint.path;
}
