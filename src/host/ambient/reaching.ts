import { createRequire } from 'node:module';
import { caught } from './guards.ts';
import { type Spot, spotsIn } from './swap.ts';

/** The functions that reach the real machine, and what to use instead. Calling any of them ends the run. */

const FILES = 'use ports.fs';
const SOCKETS = 'use ports.net and ports.probe';
const TIMERS = 'use ports.clock.sleep';
const MONOTONIC = 'use ports.clock.monotonicMs';
const WALL = 'use ports.clock.wallMs';
const CHANCE = 'use ports.process.randomHex';
const SPAWNING = 'use ports.process.spawn and ports.process.kill';
const SELF = 'use ports.process.self';
const THREADS = 'a simulated process has one thread; use ports.process.spawn';
const SYNC = 'its result comes from another thread; use the form whose name ends in Sync';
const ELSEWHERE = 'its result comes from outside the simulation';
const REAL = 'it describes the real process';

type Table = readonly (readonly [instead: string, keys: readonly string[] | 'all'])[];

/** By module: its functions that reach the real machine. */
const MODULES: Readonly<Record<string, Table>> = {
  fs: [[FILES, 'all']],
  'fs/promises': [[FILES, 'all']],
  child_process: [[SPAWNING, 'all']],
  cluster: [[SPAWNING, ['fork', 'setupPrimary', 'setupMaster']]],
  dgram: [[SOCKETS, 'all']],
  dns: [[SOCKETS, 'all']],
  'dns/promises': [[SOCKETS, 'all']],
  http: [[SOCKETS, ['request', 'get', 'createServer', 'Server']]],
  https: [[SOCKETS, ['request', 'get', 'createServer', 'Server']]],
  http2: [[SOCKETS, ['connect', 'createServer', 'createSecureServer']]],
  net: [[SOCKETS, ['connect', 'createConnection', 'createServer', 'Server', 'Socket']]],
  tls: [[SOCKETS, ['connect', 'createServer']]],
  worker_threads: [[THREADS, ['Worker', 'MessageChannel', 'BroadcastChannel', 'postMessageToThread']]],
  timers: [[TIMERS, ['setTimeout', 'setInterval', 'setImmediate']]],
  'timers/promises': [[TIMERS, ['setTimeout', 'setInterval', 'setImmediate']]],
  perf_hooks: [[MONOTONIC, ['monitorEventLoopDelay', 'PerformanceObserver']]],
  os: [
    [MONOTONIC, ['uptime']],
    [REAL, ['setPriority']],
  ],
  v8: [
    [
      REAL,
      [
        ...['getHeapStatistics', 'getHeapSpaceStatistics', 'getHeapCodeStatistics', 'getHeapSnapshot'],
        ...[
          'writeHeapSnapshot',
          'setFlagsFromString',
          'takeCoverage',
          'stopCoverage',
          'queryObjects',
          'GCProfiler',
        ],
        'setHeapSnapshotNearHeapLimit',
      ],
    ],
  ],
  vm: [
    [
      'another context has its own clock and random numbers; use vm.runInThisContext',
      ['createContext', 'runInContext', 'runInNewContext', 'measureMemory'],
    ],
  ],
  zlib: [
    [
      SYNC,
      [
        ...['deflate', 'inflate', 'gzip', 'gunzip', 'deflateRaw', 'inflateRaw', 'unzip'],
        ...['brotliCompress', 'brotliDecompress', 'zstdCompress', 'zstdDecompress'],
      ].flatMap((name) => {
        const capital = `${name[0]!.toUpperCase()}${name.slice(1)}`;
        return [name, capital, `create${capital}`];
      }),
    ],
  ],
  crypto: [
    [
      CHANCE,
      [
        ...[
          'randomBytes',
          'pseudoRandomBytes',
          'randomFill',
          'randomFillSync',
          'randomInt',
          'randomUUID',
          'getRandomValues',
          'prng',
        ],
        ...[
          'rng',
          'generateKey',
          'generateKeySync',
          'generateKeyPair',
          'generateKeyPairSync',
          'generatePrime',
        ],
        ...[
          'generatePrimeSync',
          'createDiffieHellman',
          'createDiffieHellmanGroup',
          'getDiffieHellman',
          'createECDH',
        ],
        ...['DiffieHellman', 'DiffieHellmanGroup', 'ECDH', 'publicEncrypt'],
      ],
    ],
    [SYNC, ['scrypt', 'pbkdf2', 'hkdf', 'checkPrime']],
    [REAL, ['secureHeapUsed', 'setEngine', 'setFips']],
  ],
};

/** The members of `process` that describe the real process or leave the simulation. */
const PROCESS: Table = [
  [SELF, ['pid', 'ppid', 'getuid', 'geteuid', 'getgid', 'getegid', 'getgroups']],
  ['use ports.process.setTitle', ['title']],
  ['use ports.process.exit', ['exit', 'reallyExit', 'abort']],
  ['use ports.process.kill', ['kill', '_kill']],
  ['use absolute paths', ['cwd', 'chdir']],
  ['pass a mode when creating a file', ['umask']],
  [MONOTONIC, ['hrtime', 'uptime']],
  [
    REAL,
    [
      ...[
        'memoryUsage',
        'constrainedMemory',
        'availableMemory',
        'cpuUsage',
        'threadCpuUsage',
        'resourceUsage',
      ],
      ...['report', 'getActiveResourcesInfo', '_getActiveHandles', '_getActiveRequests', 'debugPort'],
      ...['binding', '_linkedBinding', 'dlopen', 'loadEnvFile', '_debugProcess', '_debugEnd', 'execve'],
      ...[
        'setuid',
        'seteuid',
        'setgid',
        'setegid',
        'setgroups',
        'initgroups',
        'setUncaughtExceptionCaptureCallback',
      ],
    ],
  ],
  ['a simulated process has no channel to its parent', ['send', 'disconnect']],
  ['a simulated process has no standard input', ['stdin', 'openStdin']],
  [
    'use ports.process.onSignal for signals',
    ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'],
  ],
];

/** Classes, data, and functions that open nothing. */
const HARMLESS = new Set(['Stats', 'BigIntStats', 'Dirent', 'Dir', 'promises', 'constants', 'ChildProcess']);

const load = createRequire(import.meta.url);

/** Node's own modules are part of its binary: loading all of them takes a few milliseconds, once. */
export function reachingSpots(): Spot[] {
  return [...globalSpots(), ...moduleSpots()];
}

function globalSpots(): Spot[] {
  const { process, performance, crypto, AbortSignal } = globalThis;
  const temporal = (globalThis as { Temporal?: { Now?: object } }).Temporal?.Now;
  const subtle = Object.getPrototypeOf(crypto.subtle ?? {}) as object;
  const of = (owner: unknown, name: string, table: Table): Spot[] =>
    table.flatMap(([instead, keys]) => spotsIn(owner, name, keysOf(owner, keys), caught(instead)));
  return [
    ...of(globalThis, '', [
      [TIMERS, ['setTimeout', 'setInterval', 'setImmediate']],
      [SOCKETS, ['fetch', 'WebSocket', 'EventSource']],
      [THREADS, ['MessageChannel', 'BroadcastChannel', 'Worker']],
      [SYNC, ['CompressionStream', 'DecompressionStream']],
    ]),
    ...of(Math, 'Math', [[CHANCE, ['random']]]),
    ...of(Atomics, 'Atomics', [[`${ELSEWHERE}; ${TIMERS}`, ['wait', 'waitAsync']]]),
    ...of((globalThis as { WebAssembly?: object }).WebAssembly, 'WebAssembly', [
      [
        `${ELSEWHERE}; use new WebAssembly.Module`,
        ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming'],
      ],
    ]),
    ...of(Object.getPrototypeOf(performance), 'performance', [
      [
        MONOTONIC,
        ['now', 'timeOrigin', 'mark', 'measure', 'toJSON', 'eventLoopUtilization', 'timerify', 'nodeTiming'],
      ],
    ]),
    ...of(Event.prototype, 'Event', [[MONOTONIC, ['timeStamp']]]),
    ...of(temporal, 'Temporal.Now', [[WALL, Object.getOwnPropertyNames(temporal ?? {})]]),
    ...of(Object.getPrototypeOf(crypto), 'crypto', [[CHANCE, ['getRandomValues', 'randomUUID']]]),
    ...of(subtle, 'crypto.subtle', [
      [
        'its result comes from another thread; use node:crypto, whose functions are synchronous',
        Object.getOwnPropertyNames(subtle).filter((key) => key !== 'constructor'),
      ],
    ]),
    ...of(URL, 'URL', [[CHANCE, ['createObjectURL']]]),
    ...of(AbortSignal, 'AbortSignal', [[TIMERS, ['timeout']]]),
    ...of(process, 'process', PROCESS),
  ];
}

function moduleSpots(): Spot[] {
  const spots = Object.entries(MODULES).flatMap(([name, table]) => {
    const exports = load(name) as Record<string, unknown>;
    return table.flatMap(([instead, keys]) =>
      spotsIn(exports, `node:${name}`, keysOf(exports, keys), caught(instead)),
    );
  });
  const { scheduler } = load('timers/promises') as { scheduler: object };
  const { Script } = load('vm') as { Script: { prototype: object } };
  return [
    ...spots,
    ...spotsIn(
      Object.getPrototypeOf(scheduler),
      'node:timers/promises scheduler',
      ['wait', 'yield'],
      caught(TIMERS),
    ),
    ...spotsIn(
      Script.prototype,
      'node:vm Script',
      ['runInNewContext', 'runInContext'],
      caught('use runInThisContext'),
    ),
  ];
}

function keysOf(owner: unknown, keys: readonly string[] | 'all'): readonly string[] {
  if (keys !== 'all') return keys;
  const exports = owner as Record<string, unknown>;
  return Object.keys(exports).filter(
    (key) => !key.startsWith('_') && !HARMLESS.has(key) && typeof exports[key] === 'function',
  );
}
