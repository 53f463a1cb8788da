/** Endpoints in words, and from URLs. */
import type { Endpoint } from './observation.ts';

/** For example `TCP port 7000`. */
export function describeEndpoint(endpoint: Endpoint): string {
  return 'tcpPort' in endpoint ? `TCP port ${endpoint.tcpPort}` : `the socket ${endpoint.path}`;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'ws:': 80,
  'wss:': 443,
};

/**
 * Where the server of a URL listens.
 *
 * @returns `null` if the text is no URL, or one without a port
 */
export function endpointOf(url: string): Endpoint | null {
  if (!URL.canParse(url)) return null;
  const { protocol, port } = new URL(url);
  const tcpPort = port === '' ? DEFAULT_PORTS[protocol] : Number(port);
  return tcpPort === undefined || tcpPort === 0 ? null : { tcpPort };
}
