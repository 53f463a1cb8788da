/** `node:util` of a process: what Node's own takes from the real process (its arguments, environment and warnings) is that of the simulated one. */
import util, { type ParseArgsConfig } from 'node:util';
import { lazyObject, type Members } from './lazy.ts';
import type { GuestProcess } from './process.ts';

type Log = ((...args: unknown[]) => void) & { enabled: boolean };
type Any = (this: unknown, ...args: unknown[]) => unknown;

const MEMBERS: Members<GuestProcess> = new Map<string, (guest: GuestProcess) => unknown>([
  ...Object.keys(util).map((name): [string, () => unknown] => [
    name,
    () => (util as unknown as Record<string, unknown>)[name],
  ]),
  ['parseArgs', (guest) => (config: ParseArgsConfig) => parseArgs(guest, config)],
  ['debuglog', debuglogOf],
  ['debug', debuglogOf],
  ['deprecate', deprecateOf],
]);

export function utilFor(guest: GuestProcess): object {
  return lazyObject(MEMBERS, guest, {});
}

function parseArgs(guest: GuestProcess, config: ParseArgsConfig = {}): unknown {
  return util.parseArgs({ args: (guest.argv as string[]).slice(2), ...config });
}

/** Prints if NODE_DEBUG of the process names its section. */
function debuglogOf(guest: GuestProcess): (section: string) => Log {
  return (section) => {
    const name = section.toUpperCase();
    const wanted = String((guest.env as { NODE_DEBUG?: string }).NODE_DEBUG ?? '').toUpperCase();
    const enabled = wanted.split(',').some((pattern) => pattern !== '' && matches(pattern, name));
    const log = (...args: unknown[]): void => {
      if (!enabled) return;
      const text = util.format(...args);
      (guest.stderr as { write(text: string): unknown }).write(`${name} ${guest.pid}: ${text}\n`);
    };
    return Object.assign(log, { enabled });
  };
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[|\\{}()[\]^$+?.]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

/** Warns once, and once for each code. */
function deprecateOf(guest: GuestProcess): (call: Any, message: string, code?: string) => Any {
  const warned = new Set<string>();
  return (call, message, code) => {
    let isNew = true;
    function deprecated(this: unknown, ...args: unknown[]): unknown {
      if (isNew && (code === undefined || !warned.has(code))) {
        if (code !== undefined) warned.add(code);
        (guest.emitWarning as (...args: unknown[]) => void)(message, 'DeprecationWarning', code, deprecated);
      }
      isNew = false;
      if (new.target !== undefined) return Reflect.construct(call, args, new.target);
      return Reflect.apply(call, this, args);
    }
    Object.setPrototypeOf(deprecated, call);
    if (call.prototype !== undefined) deprecated.prototype = call.prototype;
    return deprecated;
  };
}
