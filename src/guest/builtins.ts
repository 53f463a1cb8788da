import assert from 'node:assert';
import asyncHooks from 'node:async_hooks';
import buffer from 'node:buffer';
import nodeCrypto from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import events from 'node:events';
import os from 'node:os';
import path from 'node:path';
import querystring from 'node:querystring';
import stream from 'node:stream';
import streamPromises from 'node:stream/promises';
import stringDecoder from 'node:string_decoder';
import url from 'node:url';
import util from 'node:util';
import utilTypes from 'node:util/types';
import type { Machine, Self } from '../ports/index.ts';
import { childProcessModule } from './child-process/index.ts';
import { CONSTANTS } from './fs/constants.ts';
import type { NodeFs } from './fs/node-fs.ts';
import type { Instance } from './instance.ts';
import { GuestError } from './modules/guest-error.ts';
import type { GuestProcess } from './process.ts';
import { type Caller, executeNow, immediateOf } from './script.ts';
import type { Timers } from './timers.ts';

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
  stream,
  'stream/promises': streamPromises,
  string_decoder: stringDecoder,
  url,
  util,
  'util/types': utilTypes,
};

/** Frozen, as in Node. */
const ALL_CONSTANTS = Object.freeze({ ...os.constants.signals, ...os.constants.errno, ...CONSTANTS });

/** Modules that each process has for itself, created on demand. */
const OWN: Readonly<Record<string, (parts: Parts) => unknown>> = {
  fs: ({ fs }) => fs,
  'fs/promises': ({ fs }) => fs.promises,
  constants: () => ALL_CONSTANTS,
  process: ({ process }) => process,
  console: ({ console }) => console,
  timers: ({ timers }) => timersModule(timers),
  'timers/promises': ({ timers }) => timersPromises(timers),
  perf_hooks: ({ performance }) => ({ performance }),
  path: ({ process }) => pathFor(process),
  'path/posix': ({ process }) => pathFor(process),
  os: osFor,
  crypto: ({ machine, simulated }) => cryptoFor(machine, simulated),
  child_process: ({ caller, timers, instance, process }) =>
    childProcessModule({ caller, timers }, instance, process),
};

/** @throws GuestError for a module that a simulated process does not have */
export function builtin(name: string, parts: Parts): unknown {
  if (Object.hasOwn(OWN, name)) return OWN[name]!(parts);
  if (Object.hasOwn(HARMLESS, name)) return HARMLESS[name];
  throw new GuestError(
    `a simulated process has no module ${JSON.stringify(name)}; it has ${[...Object.keys(OWN), ...Object.keys(HARMLESS)].sort().join(', ')}`,
  );
}

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
  return {
    constants: os.constants,
    EOL: '\n',
    devNull: '/dev/null',
    platform: () => 'linux',
    type: () => 'Linux',
    arch: () => process.arch,
    release: () => '6.1.0',
    hostname: () => (executeNow({ machine, process: simulated }, { op: 'self' }) as Self).hostname,
    homedir: () => '/root',
    tmpdir: () => '/tmp',
    endianness: () => 'LE',
    uptime: () => 1_000,
    loadavg: () => [0, 0, 0],
    cpus: () => [],
    availableParallelism: () => 1,
    totalmem: () => 2 ** 32,
    freemem: () => 2 ** 31,
    networkInterfaces: () => ({}),
    userInfo: () => ({ username: 'root', uid: 0, gid: 0, shell: '/bin/sh', homedir: '/root' }),
  };
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
  const { createHash, createHmac, timingSafeEqual, getHashes } = nodeCrypto;
  return {
    createHash,
    createHmac,
    timingSafeEqual,
    getHashes,
    randomBytes(size: number, callback?: (error: null, bytes: Buffer) => void) {
      const random = bytes(size);
      if (callback === undefined) return random;
      globalThis.process.nextTick(() => callback(null, random));
      return undefined;
    },
    pseudoRandomBytes: bytes,
    randomFillSync: fill,
    getRandomValues: fill,
    randomUUID,
    randomInt(min: number, max?: number): number {
      const [from, to] = max === undefined ? [0, min] : [min, max];
      return from + (bytes(6).readUIntBE(0, 6) % (to - from));
    },
    webcrypto: { getRandomValues: fill, randomUUID },
  };
}
