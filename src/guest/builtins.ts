import assert from 'node:assert';
import asyncHooks from 'node:async_hooks';
import buffer from 'node:buffer';
import nodeCrypto from 'node:crypto';
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
import type { Machine, Self } from '../ports/index.ts';
import { childProcessModule } from './child-process/index.ts';
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
import { perfHooksModule } from './performance.ts';
import type { GuestProcess } from './process.ts';
import { type Caller, executeNow, immediateOf } from './script.ts';
import type { Timers } from './timers.ts';
import { noting } from './uses.ts';
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

function osFor({ process, machine, simulated }: Parts) {
  const env = (): Record<string, string | undefined> => process.env as Record<string, string | undefined>;
  const { uid, gid } = simulated as { uid: number; gid: number };
  const home = (): string => env().HOME ?? (uid === 0 ? '/root' : '/');
  const cpu = { model: 'simulated', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } };
  const loopback = { family: 'IPv4', address: '127.0.0.1', netmask: '255.0.0.0', cidr: '127.0.0.1/8' };
  return noting('os', {
    constants: os.constants,
    EOL: '\n',
    devNull: '/dev/null',
    platform: () => 'linux',
    type: () => 'Linux',
    arch: () => process.arch,
    machine: () => 'x86_64',
    release: () => '6.1.0',
    version: () => '#1 SMP',
    hostname: () => (executeNow({ machine, process: simulated }, { op: 'self' }) as Self).hostname,
    homedir: home,
    tmpdir: () => (env().TMPDIR ?? env().TMP ?? env().TEMP ?? '/tmp').replace(/(.)\/$/, '$1'),
    endianness: () => 'LE',
    uptime: () => immediateOf(machine).readClock(simulated, 'monotonic') / 1000,
    loadavg: () => [0, 0, 0],
    cpus: () => [cpu],
    availableParallelism: () => 1,
    totalmem: () => 2 ** 32,
    freemem: () => 2 ** 31,
    networkInterfaces: () => ({ lo: [{ ...loopback, mac: '00:00:00:00:00:00', internal: true }] }),
    userInfo: () => ({
      username: uid === 0 ? 'root' : `user${uid}`,
      uid,
      gid,
      shell: '/bin/sh',
      homedir: home(),
    }),
    getPriority: () => 0,
    setPriority: () => {},
  });
}

/** Hashes are Node's; random numbers come from the machine. */
export function cryptoFor(machine: Machine, process: unknown) {
  const bytes = (size: number): Buffer => Buffer.from(immediateOf(machine).randomHex(process, size), 'hex');
  const fill = <T extends ArrayBufferView>(view: T): T => {
    bytes(view.byteLength).copy(Buffer.from(view.buffer, view.byteOffset, view.byteLength));
    return view;
  };
  const randomUUID = (): string => {
    const raw = bytes(16);
    raw[6] = (raw[6]! & 0x0f) | 0x40;
    raw[8] = (raw[8]! & 0x3f) | 0x80;
    const hex = raw.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
  const { createHash, createHmac, timingSafeEqual, getHashes, getCiphers, constants } = nodeCrypto;
  const { createCipheriv, createDecipheriv, createSecretKey, createPublicKey, KeyObject } = nodeCrypto;
  const { createPrivateKey, createVerify, verify, X509Certificate, Verify, getCurves } = nodeCrypto;
  const { getCipherInfo, publicDecrypt, Hash, Hmac } = nodeCrypto;
  const subtle = completed('crypto.subtle', {
    // As hash of Node, at once: its own would answer from another thread.
    digest: async (algorithm: string | { name: string }, data: ArrayBuffer | ArrayBufferView) => {
      const name = typeof algorithm === 'string' ? algorithm : algorithm.name;
      const view = ArrayBuffer.isView(data)
        ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
        : Buffer.from(data);
      const hash = createHash(name.replace('-', '').toLowerCase()).update(view).digest();
      return hash.buffer.slice(hash.byteOffset, hash.byteOffset + hash.byteLength);
    },
  });
  const later =
    (now: (...args: never[]) => unknown) =>
    (...args: unknown[]) => {
      const done = args.pop() as (error: unknown, result?: unknown) => void;
      const result = now(...(args as never[]));
      globalThis.process.nextTick(() => done(null, result));
    };
  return {
    constants,
    createCipheriv,
    createDecipheriv,
    createHash,
    createHmac,
    createPublicKey,
    createPrivateKey,
    createVerify,
    verify,
    X509Certificate,
    Verify,
    getCurves,
    getCipherInfo,
    publicDecrypt,
    Hash,
    Hmac,
    getFips: () => 0,
    createSecretKey,
    KeyObject,
    timingSafeEqual,
    getCiphers,
    getHashes,
    hash: (algorithm: string, data: string | Buffer, encoding: 'hex' | 'buffer' = 'hex') => {
      const hash = createHash(algorithm).update(data);
      return encoding === 'buffer' ? hash.digest() : hash.digest(encoding);
    },
    scryptSync: nodeCrypto.scryptSync,
    scrypt: later(nodeCrypto.scryptSync),
    pbkdf2Sync: nodeCrypto.pbkdf2Sync,
    pbkdf2: later(nodeCrypto.pbkdf2Sync),
    hkdfSync: nodeCrypto.hkdfSync,
    hkdf: later(nodeCrypto.hkdfSync),
    randomFill: (view: ArrayBufferView, ...rest: unknown[]) => {
      const done = rest.pop() as (error: null, view: ArrayBufferView) => void;
      const [offset = 0, size = view.byteLength - (offset as number)] = rest as number[];
      fill(new Uint8Array(view.buffer, view.byteOffset + (offset as number), size as number));
      globalThis.process.nextTick(() => done(null, view));
    },
    randomBytes(size: number, callback?: (error: null, bytes: Buffer) => void) {
      const random = bytes(size);
      if (callback === undefined) return random;
      globalThis.process.nextTick(() => callback(null, random));
      return undefined;
    },
    pseudoRandomBytes: bytes,
    randomFillSync: <T extends ArrayBufferView>(view: T, offset = 0, size = view.byteLength - offset): T => {
      fill(new Uint8Array(view.buffer, view.byteOffset + offset, size));
      return view;
    },
    getRandomValues: fill,
    randomUUID,
    randomInt(min: number, ...rest: unknown[]): number | undefined {
      const done =
        typeof rest.at(-1) === 'function' ? (rest.pop() as (error: null, n: number) => void) : null;
      const [from, to] = rest.length === 0 ? [0, min] : [min, rest[0] as number];
      const drawn = from + (bytes(6).readUIntBE(0, 6) % (to - from));
      if (done === null) return drawn;
      globalThis.process.nextTick(() => done(null, drawn));
      return undefined;
    },
    webcrypto: { getRandomValues: fill, randomUUID, subtle },
    subtle,
  };
}
