/** `node:dns`: `lookup` of localhost and of addresses. No other host has an address. */

import { nextTick } from '../script.ts';
import type { NetContext } from './context.ts';
import { lookupError } from './errors.ts';
import { isIP } from './node.ts';

interface Found {
  readonly address: string;
  readonly family: 4 | 6;
}

type Done = (error: Error | null, address?: unknown, family?: unknown) => void;

export function dnsFor({ turn, isAlive }: NetContext) {
  const find = (hostname: string, wanted: number): Found[] => {
    const family = isIP(hostname);
    if (family !== 0) return [{ address: hostname, family: family as 4 | 6 }];
    if (hostname.toLowerCase() !== 'localhost') throw lookupError(hostname);
    return [wanted === 6 ? { address: '::1', family: 6 } : { address: '127.0.0.1', family: 4 }];
  };
  const lookup = (hostname: string, options: unknown, callback?: Done): void => {
    const done = (typeof options === 'function' ? options : callback) as Done;
    const { all = false, family = 0 } = optionsOf(options);
    const deliver = (): void => {
      let found: Found[];
      try {
        found = find(hostname, family);
      } catch (error) {
        done(error as Error);
        return;
      }
      if (all) done(null, found);
      else done(null, found[0]!.address, found[0]!.family);
    };
    // As in Node, only a name costs a turn of the event loop.
    if (isIP(hostname) === 0) turn(deliver);
    else nextTick(() => isAlive() && deliver());
  };
  const promised = (hostname: string, options?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      lookup(hostname, { ...optionsOf(options) }, (error, address, family) => {
        if (error !== null) reject(error);
        else resolve(Array.isArray(address) ? address : { address, family });
      });
    });
  const common = {
    getDefaultResultOrder: () => 'verbatim',
    setDefaultResultOrder: () => {},
    getServers: () => [] as string[],
  };
  const promises = { ...common, lookup: promised };
  return { ...common, lookup, promises, ADDRCONFIG: 32, V4MAPPED: 8, ALL: 16 };
}

function optionsOf(options: unknown): { all?: boolean; family?: number } {
  if (typeof options === 'number') return { family: options };
  if (typeof options !== 'object' || options === null) return {};
  const { all, family } = options as { all?: boolean; family?: unknown };
  return {
    ...(all !== undefined && { all }),
    ...(family !== undefined && { family: family === 'IPv6' ? 6 : Number(family) || 0 }),
  };
}
