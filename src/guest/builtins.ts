/** The modules of Node that a process can load: which it has for itself, which are shared, and which are refused. */
import assert from 'node:assert';
import asyncHooks from 'node:async_hooks';
import buffer from 'node:buffer';
import diagnostics from 'node:diagnostics_channel';
import events from 'node:events';
import os from 'node:os';
import path from 'node:path';
import querystring from 'node:querystring';
import readline from 'node:readline';
import readlinePromises from 'node:readline/promises';
import stream from 'node:stream';
import streamConsumers from 'node:stream/consumers';
import streamPromises from 'node:stream/promises';
import streamWeb from 'node:stream/web';
import stringDecoder from 'node:string_decoder';
import url from 'node:url';
import utilTypes from 'node:util/types';
import type { Machine } from '../ports/index.ts';
import { childProcessModule } from './child-process/index.ts';
import { cryptoFor } from './crypto.ts';
import { CONSTANTS } from './fs/constants.ts';
import type { NodeFs } from './fs/node-fs.ts';
import type { Instance } from './instance.ts';
import {
  clusterModule,
  inspectorModule,
  ttyModule,
  v8Module,
  workerThreadsModule,
  zlibModule,
} from './more-modules.ts';
import type { Network } from './net/index.ts';
import { completed, namesOf, refuse } from './not-simulated.ts';
import { osFor } from './os.ts';
import { perfHooksModule } from './performance.ts';
import type { GuestProcess } from './process.ts';
import type { Caller } from './script.ts';
import type { Timers } from './timers.ts';
import { utilFor } from './util.ts';
import { vmModule } from './vm.ts';

/** What the built-in modules of a process need. */
export interface Parts {
  readonly machine: Machine;
  /** The process, as the machine knows it. */
  readonly simulated: unknown;
  readonly fs: NodeFs;
  readonly process: GuestProcess;
  readonly timers: Timers;
  readonly console: unknown;
  readonly caller: Caller;
  readonly instance: Instance;
  readonly performance: unknown;
  readonly net: Network;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Modules of Node that all processes share: they neither reach the real machine nor keep relevant state. */
const HARMLESS: Readonly<Record<string, unknown>> = {
  assert,
  'assert/strict': assert.strict,
  async_hooks: asyncHooks,
  buffer,
  diagnostics_channel: diagnostics,
  events,
  querystring,
  readline,
  'readline/promises': readlinePromises,
  stream,
  'stream/consumers': streamConsumers,
  'stream/promises': streamPromises,
  'stream/web': streamWeb,
  string_decoder: stringDecoder,
  url,
  'util/types': utilTypes,
};

/** Frozen, as in Node. */
const ALL_CONSTANTS = Object.freeze({ ...os.constants.signals, ...os.constants.errno, ...CONSTANTS });

/** Modules that each process has for itself, created on demand. */
const OWN: Readonly<Record<string, (parts: Parts) => unknown>> = {
  fs: ({ fs }) => fs,
  'fs/promises': ({ fs }) => fs.promises,
  constants: () => ALL_CONSTANTS,
  // Not loaded before: later versions of Node warn about it.
  punycode: () => namesOf('punycode'),
  'path/win32': () => path.win32,
  process: ({ process }) => process,
  console: ({ console }) => console,
  timers: ({ timers }) => ({ ...timersModule(timers), promises: timersPromises(timers) }),
  'timers/promises': ({ timers }) => timersPromises(timers),
  perf_hooks: ({ performance }) => perfHooksModule(performance),
  cluster: clusterModule,
  inspector: inspectorModule,
  tty: ttyModule,
  v8: v8Module,
  vm: ({ globals }) => vmModule(globals),
  worker_threads: workerThreadsModule,
  zlib: zlibModule,
  util: ({ process }) => utilFor(process),
  sys: ({ process }) => utilFor(process),
  path: ({ process }) => pathFor(process),
  'path/posix': ({ process }) => pathFor(process),
  os: osFor,
  net: ({ net }) => net.net,
  http: ({ net }) => net.http,
  dns: ({ net }) => net.dns,
  'dns/promises': ({ net }) => net.dns.promises,
  https: ({ net }) => net.https,
  http2: ({ net }) => net.http2,
  tls: ({ net }) => net.tls,
  dgram: () => ({}),
  crypto: ({ machine, simulated }) => cryptoFor(machine, simulated),
  child_process: ({ caller, timers, instance, process }) =>
    childProcessModule({ caller, timers }, instance, process),
};

/** Their functions are refused when they are used: a program may only load them. */
const ONLY_NAMES: ReadonlySet<string> = new Set([
  ...['domain', 'inspector/promises', 'repl', 'trace_events'],
]);

/** What Node's module has and ours has not is refused when it is used. */
const COMPLETED: ReadonlySet<string> = new Set([
  ...['child_process', 'cluster', 'crypto', 'inspector', 'os', 'perf_hooks', 'tty', 'v8', 'vm'],
  ...['worker_threads', 'zlib', 'net', 'http', 'https', 'http2', 'tls', 'dgram', 'dns', 'dns/promises'],
]);

/** @throws GuestError for a module that a simulated process does not have */
export function builtin(name: string, parts: Parts): unknown {
  if (Object.hasOwn(OWN, name)) {
    const own = OWN[name]!(parts);
    return COMPLETED.has(name) ? completed(name, own as object) : own;
  }
  if (Object.hasOwn(HARMLESS, name)) return HARMLESS[name];
  if (ONLY_NAMES.has(name)) return completed(name, {});
  return refuse(`the module ${JSON.stringify(name)}`);
}

/** Of Node, that a simulated process has: its own, or one that is shared. */
export const MODULE_NAMES = {
  own: [...Object.keys(OWN), ...ONLY_NAMES].toSorted(),
  shared: Object.keys(HARMLESS),
};

/** The functions of `node:timers`, which are also globals. */
export function timersModule(timers: Timers) {
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearImmediate } = timers;
  return { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval: clearTimeout, clearImmediate };
}

function timersPromises(timers: Timers) {
  const sleep = (ms?: unknown, value?: unknown, options?: unknown) => timers.wait(ms, value, options);
  return {
    setTimeout: sleep,
    setImmediate: (value?: unknown) => timers.turn(value),
    async *setInterval(ms?: unknown, value?: unknown) {
      for (;;) yield await sleep(ms, value);
    },
    scheduler: { wait: (ms: number) => sleep(ms), yield: () => sleep(1) },
  };
}

/** Resolves relative paths against the working directory of the simulated process. */
function pathFor({ cwd }: GuestProcess) {
  const { posix } = path;
  const here = cwd as () => string;
  const own = {
    ...posix,
    resolve: (...parts: string[]) => posix.resolve(here(), ...parts),
    relative: (from: string, to: string) =>
      posix.relative(posix.resolve(here(), from), posix.resolve(here(), to)),
  };
  return Object.assign(own, { posix: own });
}
