/** Recognizes an address that a program has put together wrongly: no machine could say what is wrong with it. */
import type { Address } from './operation.ts';

/** Null: its shape is right. What its host and port are worth is the machine's to say. */
export function mistakeOf(address: Address): TypeError | null {
  const { kind, host, tcpPort, path } = (address ?? {}) as Record<string, unknown>;
  if (kind === 'unix' && typeof path === 'string') return null;
  if (kind === 'tcp' && typeof host === 'string' && typeof tcpPort === 'number') return null;
  return new TypeError(
    `the address is ${JSON.stringify(address)}: expected { kind: 'tcp', host: '127.0.0.1', tcpPort: 8080 } or { kind: 'unix', path: '/run/x.sock' }`,
  );
}
