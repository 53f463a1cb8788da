/** The members of `node:fs`, and how each is made for a process. */
import type { Members } from '../lazy.ts';
import { namesOf, refuse, refusedMembers } from '../not-simulated.ts';
import { type Caller, runAsPromise, type Script } from '../script.ts';
import type { Timers } from '../timers.ts';
import { CONSTANTS } from './constants.ts';
import { Dir } from './dir.ts';
import { FileHandle } from './file-handle.ts';
import { asPromise, atOnce, type Call, withCallback } from './forms.ts';
import * as scripts from './scripts/index.ts';
import { BigIntStats, Dirent, Stats } from './stats.ts';
import { streamsOf } from './streams.ts';
import { StatWatchers, type WatchParts, watch, watchAsync } from './watchers.ts';

/** Untyped, like the JavaScript that uses it. To use it in TypeScript, cast it to `typeof import('node:fs')`. */
export interface NodeFs {
  [name: string]: unknown;
  readonly promises: Record<string, unknown>;
}

/** What the functions of one process are made from. */
export interface OwnFs {
  readonly caller: Caller;
  readonly context: scripts.Context;
  fs: NodeFs;
  streams: Record<string, unknown> | null;
  /** Null outside of a process of Node: then nothing can be watched. */
  readonly timers: Timers | null;
  watchers: StatWatchers | null;
}

type CallOf = (own: OwnFs) => Call;

// biome-ignore lint/suspicious/noExplicitAny: each script checks its own arguments.
type AnyScript = (...args: any[]) => Script<unknown>;

/** Functions that need nothing but operations. */
const PLAIN: Readonly<Record<string, AnyScript>> = {
  access: scripts.access,
  appendFile: scripts.appendFile,
  chmod: scripts.chmod,
  chown: scripts.chown,
  close: scripts.close,
  copyFile: scripts.copyFile,
  cp: scripts.cp,
  exists: scripts.exists,
  fchmod: scripts.fchmod,
  fchown: scripts.fchown,
  fdatasync: scripts.fsync,
  fstat: scripts.fstat,
  fsync: scripts.fsync,
  ftruncate: scripts.ftruncate,
  lchown: scripts.lchown,
  link: scripts.link,
  lstat: scripts.lstat,
  mkdir: scripts.mkdir,
  open: scripts.open,
  read: scripts.read,
  readFile: scripts.readFile,
  readdir: scripts.readdir,
  readlink: scripts.readlink,
  readv: scripts.readv,
  rename: scripts.rename,
  rm: scripts.rm,
  rmdir: scripts.rmdir,
  stat: scripts.stat,
  statfs: scripts.statfs,
  symlink: scripts.symlink,
  truncate: scripts.truncate,
  unlink: scripts.unlink,
  write: scripts.write,
  writeFile: scripts.writeFile,
  writev: scripts.writev,
};

/** Functions that need something else of the process. */
const WITH_CONTEXT: Readonly<Record<string, CallOf>> = {
  lutimes: withContext(scripts.lutimes),
  utimes: withContext(scripts.utimes),
  futimes: withContext(scripts.futimes),
  mkdtemp: withContext(scripts.mkdtemp),
  opendir:
    ({ caller }) =>
    (...args) =>
      openDir(caller, args),
  // It needs the working directory, which the ports of a real machine do not offer.
  realpath:
    ({ caller }) =>
    (...args) => {
      const cwd = (caller.process as { cwd?: string } | null)?.cwd;
      return cwd === undefined ? realpathNative(...args) : scripts.realpath(cwd, ...(args as [unknown]));
    },
};

const realpathNative: Call = (...args) => scripts.realpathNative(...(args as [unknown]));

/** Functions without a counterpart in `promises`, or with a different one. */
const NO_PROMISE: ReadonlySet<string> = new Set([
  'close',
  'exists',
  'fchmod',
  'fchown',
  'fdatasync',
  'fstat',
  'fsync',
  'ftruncate',
  'futimes',
  'open',
  'read',
  'readv',
  'write',
  'writev',
]);

const CALLS: readonly (readonly [string, CallOf])[] = [
  ...Object.entries(PLAIN).map(([name, script]) => [name, () => script as Call] as const),
  ...Object.entries(WITH_CONTEXT),
];

/** Of `node:fs`. */
export const MEMBERS: Members<OwnFs> = new Map<string, (own: OwnFs) => unknown>([
  ...CALLS.flatMap(([name, callOf]): [string, (own: OwnFs) => unknown][] => [
    [name, (own) => withNative(name, own, withCallback, callOf)],
    [`${name}Sync`, (own) => withNative(name, own, atOnce, callOf)],
  ]),
  ...Object.entries({
    constants: CONSTANTS,
    Stats,
    BigIntStats,
    Dirent,
    Dir,
    F_OK: 0,
    R_OK: 4,
    W_OK: 2,
    X_OK: 1,
  }).map(([name, value]): [string, () => unknown] => [name, () => value]),
  ...['ReadStream', 'WriteStream', 'createReadStream', 'createWriteStream'].map(
    (name): [string, (own: OwnFs) => unknown] => [name, (own) => streams(own)[name]],
  ),
  [
    'watch',
    (own) =>
      (path: unknown, ...rest: unknown[]) =>
        watch(watching(own, 'watch'), path, ...rest),
  ],
  [
    'watchFile',
    (own) =>
      (...given: [unknown, ...unknown[]]) =>
        watchersOf(own, 'watchFile').watchFile(...given),
  ],
  [
    'unwatchFile',
    (own) => (path: unknown, listener?: unknown) =>
      watchersOf(own, 'unwatchFile').unwatchFile(path, listener),
  ],
  ['FileReadStream', (own) => streams(own).ReadStream],
  ['FileWriteStream', (own) => streams(own).WriteStream],
]);

/** Of `node:fs/promises`. */
export const PROMISES: Members<OwnFs> = new Map<string, (own: OwnFs) => unknown>([
  ...CALLS.filter(([name]) => !NO_PROMISE.has(name)).map(
    ([name, callOf]): [string, (own: OwnFs) => unknown] => [
      name,
      (own) => asPromise(own.caller, name, name === 'realpath' ? realpathNative : callOf(own)),
    ],
  ),
  ['constants', () => CONSTANTS],
  [
    'watch',
    (own) => (path: unknown, options?: unknown) => watchAsync(watching(own, 'promises.watch'), path, options),
  ],
  [
    'open',
    ({ caller, context }) =>
      async (path: unknown, flags?: unknown, mode?: unknown) =>
        new FileHandle(caller, await runAsPromise(caller, scripts.open(path, flags, mode)), context),
  ],
]);

/** What Node has besides is refused. */
const REFUSED = refusedMembers('fs', namesOf('fs'), (name) => MEMBERS.has(name) || name === 'promises');
const REFUSED_PROMISES = refusedMembers('fs.promises', namesOf('fs/promises'), (name) => PROMISES.has(name));
for (const [name, make] of REFUSED) (MEMBERS as Map<string, unknown>).set(name, make);
for (const [name, make] of REFUSED_PROMISES) (PROMISES as Map<string, unknown>).set(name, make);

function withContext(script: AnyScript): CallOf {
  return ({ context }) =>
    (...args) =>
      script(context, ...args);
}

function* openDir(caller: Caller, [path, options]: unknown[]): Script<Dir> {
  const opened = yield* scripts.opendir(path, options);
  return new Dir(caller, opened.path, opened.fd, options);
}

/** The classes and the functions that create them belong together. */
function streams(own: OwnFs): Record<string, unknown> {
  own.streams ??= streamsOf(own.fs);
  return own.streams;
}

function watching({ caller, timers }: OwnFs, name: string): WatchParts {
  return { caller, timers: timers ?? refuse(`fs.${name}`) };
}

function watchersOf(own: OwnFs, name: string): StatWatchers {
  own.watchers ??= new StatWatchers(watching(own, name));
  return own.watchers;
}

type Wrap = (caller: Caller, name: string, call: Call) => unknown;

/** `realpath` has a variant that asks the system. */
function withNative(name: string, own: OwnFs, wrap: Wrap, callOf: CallOf): unknown {
  const wrapped = wrap(own.caller, name, callOf(own));
  if (name === 'realpath')
    Object.assign(wrapped as object, { native: wrap(own.caller, name, realpathNative) });
  return wrapped;
}
