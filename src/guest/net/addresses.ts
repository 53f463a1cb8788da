/** The arguments of `listen` and `connect`, in all forms that Node takes. */
import { inspect } from 'node:util';
import type { Address } from '../../ports/index.ts';
import { coded, invalidType, received } from '../../ports/node-errors.ts';
import { isIP } from './node.ts';

export type TcpAddress = Address & { kind: 'tcp' };

export interface Target {
  readonly address: Address;
  /** A host name that is looked up first. */
  readonly isName: boolean;
}

type Options = Record<string, unknown>;

/** @returns the options, and the callback that came last */
export function argumentsOf(
  given: readonly unknown[],
): [options: Options, callback: ((...args: unknown[]) => void) | undefined] {
  const callback = given.findLast((one) => typeof one === 'function') as
    | ((...args: unknown[]) => void)
    | undefined;
  const [first, second, third] = given;
  if (typeof first === 'object' && first !== null) return [{ ...(first as Options) }, callback];
  if (isPipeName(first)) return [{ path: first, backlog: toNumber(second) }, callback];
  const host = typeof second === 'string' ? second : undefined;
  return [
    {
      port: typeof first === 'function' ? undefined : first,
      ...(host !== undefined && { host }),
      backlog: toNumber(second) ?? toNumber(third),
    },
    callback,
  ];
}

/** Where a client connects to. */
export function targetOf(options: Options): Target {
  if (options.path !== undefined && options.path !== null)
    return { address: unix(options.path), isName: false };
  const { port, host = 'localhost' } = options;
  if (port === undefined) {
    throw coded(
      new TypeError('The "options" or "port" or "path" argument must be specified'),
      'ERR_MISSING_ARGS',
    );
  }
  if (typeof port !== 'number' && typeof port !== 'string')
    throw invalidType('options.port', 'one of type number or string', port);
  return tcp(String(host || 'localhost'), toPort(port, 'Port'));
}

/** Where a server listens. */
export function listenTargetOf(options: Options): Target {
  if (typeof options.path === 'string') return { address: unix(options.path), isName: false };
  const { port, host } = options;
  if (!('port' in options)) throw badListen(options, 'must have the property "port" or "path"');
  if (port !== undefined && port !== null && typeof port !== 'number' && typeof port !== 'string')
    throw badListen(options, 'is invalid');
  const tcpPort = port === undefined || port === null ? 0 : toPort(port, 'options.port');
  if (host === undefined || host === null || host === '')
    return { address: { kind: 'tcp', host: '::', tcpPort }, isName: false };
  return tcp(String(host), tcpPort);
}

function badListen(options: Options, reason: string): Error {
  const message = `The argument 'options' ${reason}. Received ${inspect(options)}`;
  return coded(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
}

function tcp(host: string, tcpPort: number): Target {
  return { address: { kind: 'tcp', host, tcpPort }, isName: isIP(host) === 0 };
}

function unix(path: unknown): Address {
  if (typeof path !== 'string') throw invalidType('options.path', 'of type string', path);
  return { kind: 'unix', path };
}

function toPort(port: unknown, name: string): number {
  const number = typeof port === 'string' && port.trim() === '' ? Number.NaN : Number(port);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw coded(
    new RangeError(`${name} should be >= 0 and < 65536. Received ${received(port)}.`),
    'ERR_SOCKET_BAD_PORT',
  );
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'function' || typeof value === 'object' || value === undefined) return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** A text that is no number is a path. */
function isPipeName(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const number = Number(value);
  return !(number >= 0) || value.trim() === '';
}
