import { createRequire, syncBuiltinESMExports } from 'node:module';

/**
 * Finds programs that reach the real machine behind the back of their ports. While a slice of runs is under way, what they
 * could reach it by is replaced by functions that look whether a simulated step is running; between steps, and for Node
 * itself, they are as before. A few hundred properties are swapped for each slice, none for each step.
 *
 * It does not see what a program has taken hold of before (`const { now } = Date` at the top of a file), and leaves alone
 * what tells nothing of time, chance or the outside: `new Date(number)`, `process.nextTick`, `process.env`.
 */
export const ambient = {
  /** Whether a step of a simulated process is running, so that whoever calls is its program. */
  stepping: false,
};

/** Something was reached: what, and the caller's file and line. */
export type Reached = (what: string, where: string) => void;

/** Thrown into the program, so that it does nothing to the real machine. */
export class AmbientError extends Error {
  override readonly name = 'AmbientError';
}

interface Spot {
  readonly owner: object;
  readonly key: string;
  readonly label: string;
}

interface Swap extends Spot {
  /** An own, writable function: exchanged by assignment, which costs a tenth. */
  readonly plain: boolean;
  /** Null: inherited. */
  readonly before: PropertyDescriptor | null;
  readonly guarded: PropertyDescriptor;
}

let reached: Reached = () => {};
/** For as long as the same modules are loaded and nobody else has replaced anything. */
let swaps: Swap[] = [];
let swapsFor = -1;

let installed = false;

/** Within {@link withAmbientGuard}: from now on, steps are guarded. */
export function guardSteps(): void {
  if (installed) return;
  installed = true;
  install();
}

/** Calls `work`, in which steps are guarded as {@link ambient} says once somebody has called {@link guardSteps}. */
export function withAmbientGuard<T>(onReached: Reached, work: () => T): T {
  const outer = reached;
  reached = onReached;
  try {
    return work();
  } finally {
    ambient.stepping = false;
    if (installed) uninstall();
    installed = false;
    reached = outer;
  }
}

function install(): void {
  const { moduleLoadList } = globalThis.process as unknown as { moduleLoadList: readonly string[] };
  if (moduleLoadList.length !== swapsFor || !swaps.every(isCurrent)) {
    swaps = spotsOf(moduleLoadList).flatMap(swapOf);
    swapsFor = moduleLoadList.length;
  }
  for (const { owner, key, plain, guarded } of swaps) {
    if (plain) (owner as Record<string, unknown>)[key] = guarded.value;
    else Object.defineProperty(owner, key, guarded);
  }
  syncBuiltinESMExports();
}

function uninstall(): void {
  for (const { owner, key, plain, before, guarded } of swaps) {
    if (plain && (owner as Record<string, unknown>)[key] === guarded.value) {
      (owner as Record<string, unknown>)[key] = before!.value;
      continue;
    }
    // What a program has put there in the meantime is its own affair, as it is without a guard.
    if (Object.getOwnPropertyDescriptor(owner, key)?.value !== guarded.value) continue;
    if (before === null) Reflect.deleteProperty(owner, key);
    else Object.defineProperty(owner, key, before);
  }
  syncBuiltinESMExports();
}

function isCurrent({ owner, key, plain, before }: Swap): boolean {
  if (plain) return (owner as Record<string, unknown>)[key] === before!.value;
  const now = Object.getOwnPropertyDescriptor(owner, key);
  return now?.value === before?.value && now?.get === before?.get;
}

function swapOf({ owner, key, label }: Spot): Swap[] {
  const before = Object.getOwnPropertyDescriptor(owner, key) ?? null;
  const original: unknown = before === null ? (owner as Record<string, unknown>)[key] : before.value;
  if (original === undefined || before?.configurable === false) return [];
  if (typeof original === 'function') {
    const value =
      label === 'Date' ? guardedDate(original as DateConstructor) : guarded(label, original as Callable);
    const usual = { writable: true, configurable: true, enumerable: true };
    const plain = before?.writable ?? false;
    return [{ owner, key, label, plain, before, guarded: { ...(before ?? usual), value } }];
  }
  // A plain value, such as a PID: it is told by an accessor for the time being.
  const get = (): unknown => {
    if (ambient.stepping) tell(label, get);
    return original;
  };
  const enumerable = before?.enumerable ?? true;
  return [{ owner, key, label, plain: false, before, guarded: { get, configurable: true, enumerable } }];
}

// biome-ignore lint/suspicious/noExplicitAny: any function of Node's.
type Callable = (...args: any[]) => unknown;

function guarded(label: string, original: Callable): Callable {
  function guard(this: unknown, ...args: unknown[]): unknown {
    if (ambient.stepping) tell(label, guard);
    if (new.target === undefined) return Reflect.apply(original, this, args);
    return Reflect.construct(original, args, new.target === (guard as unknown) ? original : new.target);
  }
  // Also what hangs on it: its name, its prototype, its promisified form.
  Object.defineProperties(guard, Object.getOwnPropertyDescriptors(original));
  for (const key of ['native', 'bigint'] as const) {
    const hanging = (original as unknown as Record<string, unknown>)[key];
    if (typeof hanging === 'function')
      Object.assign(guard, { [key]: guarded(`${label}.${key}`, hanging as Callable) });
  }
  return guard;
}

/** A date of a given time is harmless. */
function guardedDate(original: DateConstructor): DateConstructor {
  function guard(...args: unknown[]): unknown {
    if (ambient.stepping && (new.target === undefined || args.length === 0)) {
      tell(new.target === undefined ? 'Date()' : 'the clock of new Date', guard as Callable);
    }
    if (new.target === undefined) return Reflect.apply(original, undefined, args);
    return Reflect.construct(original, args, new.target === (guard as unknown) ? original : new.target);
  }
  Object.defineProperties(guard, Object.getOwnPropertyDescriptors(original));
  Object.assign(guard, { now: guarded(`${original.name}.now`, original.now) });
  return guard as unknown as DateConstructor;
}

/** @throws AmbientError unless Node itself is the caller */
function tell(what: string, from: Callable): void {
  const where = callerOf(from);
  if (where === null) return;
  reached(what, where);
  throw new AmbientError(`${what} is not a simulated machine's: programs use only their ports`);
}

const FRAME = /(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/]|node:|[\w.-]+[\\/])[^()\s]*:\d+:\d+)\)?$/;

/** The first frame above `from`: `file:line:column`. Null: it is Node's own. */
function callerOf(from: Callable): string | null {
  const holder: { stack?: unknown } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 4;
  Error.captureStackTrace(holder, from);
  Error.stackTraceLimit = stackTraceLimit;
  const [, frame = ''] = String(holder.stack).split('\n');
  const where = FRAME.exec(frame.trim())?.[1] ?? frame.trim();
  return where.startsWith('node:') ? null : where || 'an unknown place';
}

/** By module: which of its functions reach out; all, unless said. */
const MODULES: Readonly<Record<string, readonly string[] | 'all'>> = {
  fs: 'all',
  'fs/promises': 'all',
  child_process: 'all',
  dgram: 'all',
  dns: 'all',
  'dns/promises': 'all',
  http: ['request', 'get', 'createServer', 'Server'],
  https: ['request', 'get', 'createServer', 'Server'],
  http2: ['connect', 'createServer', 'createSecureServer'],
  net: ['connect', 'createConnection', 'createServer', 'Server', 'Socket'],
  tls: ['connect', 'createServer'],
  worker_threads: ['Worker'],
  timers: ['setTimeout', 'setInterval', 'setImmediate'],
  'timers/promises': ['setTimeout', 'setInterval', 'setImmediate'],
  crypto: [
    ...[
      'randomBytes',
      'pseudoRandomBytes',
      'randomFill',
      'randomFillSync',
      'randomInt',
      'randomUUID',
      'prng',
    ],
    ...['rng', 'getRandomValues', 'generateKey', 'generateKeySync', 'generateKeyPair', 'generateKeyPairSync'],
  ],
};

/** Of `process`: who we are, where, since when, and what leaves the simulation. */
const PROCESS = [
  ...[
    'pid',
    'ppid',
    'title',
    'exit',
    'reallyExit',
    'abort',
    'kill',
    'cwd',
    'chdir',
    'umask',
    'hrtime',
    'uptime',
  ],
  ...[
    'memoryUsage',
    'cpuUsage',
    'resourceUsage',
    'getuid',
    'geteuid',
    'getgid',
    'getegid',
    'send',
    'disconnect',
  ],
  ...['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'],
];

/** Classes and data; functions that open nothing. */
const HARMLESS = new Set(['Stats', 'BigIntStats', 'Dirent', 'Dir', 'promises', 'constants', 'ChildProcess']);

const load = createRequire(import.meta.url);

function spotsOf(moduleLoadList: readonly string[]): Spot[] {
  const { process, performance, crypto, AbortSignal } = globalThis;
  const spots: Spot[] = [
    ...spotsIn(globalThis, '', [
      'setTimeout',
      'setInterval',
      'setImmediate',
      'fetch',
      'WebSocket',
      'EventSource',
      'Date',
    ]),
    ...spotsIn(Date, 'Date', ['now']),
    ...spotsIn(Math, 'Math', ['random']),
    ...spotsIn(Object.getPrototypeOf(performance), 'performance', ['now']),
    ...spotsIn(Object.getPrototypeOf(crypto), 'crypto', ['getRandomValues', 'randomUUID']),
    ...spotsIn(AbortSignal, 'AbortSignal', ['timeout']),
    ...spotsIn(process, 'process', PROCESS),
  ];
  const loaded = new Set(moduleLoadList);
  for (const [name, keys] of Object.entries(MODULES)) {
    if (!loaded.has(`NativeModule ${name}`)) continue;
    const exports = load(name) as Record<string, unknown>;
    const functions = Object.keys(exports).filter((key) => typeof exports[key] === 'function');
    const wanted = keys === 'all' ? functions.filter((key) => isOpen(key)) : keys;
    spots.push(...spotsIn(exports, `node:${name}`, wanted));
  }
  return spots;
}

function isOpen(key: string): boolean {
  return !key.startsWith('_') && !HARMLESS.has(key);
}

function spotsIn(owner: object, of: string, keys: readonly string[]): Spot[] {
  const join = of === '' ? '' : of.startsWith('node:') ? ' ' : '.';
  return keys.map((key) => ({ owner, key, label: `${of}${join}${key}` }));
}
