import { createRequire } from 'node:module';
import type { ParkedOperation, SimProcess } from '../../sim/kernel/process.ts';
import { HANDLERS } from '../../sim/syscalls/index.ts';
import { environmentSpot, ownEnvironment } from './environment.ts';
import { ambient, PerProcess } from './stepping.ts';
import {
  classSpots,
  constant,
  type Spot,
  simulatedCall,
  simulatedClass,
  simulatedValue,
  spotsIn,
} from './swap.ts';

/** What daemons often read and rarely depend on is the same in every run: a small Linux machine, whatever the real one is. */

/** Of `os`: what its functions return. Those whose result depends on the process are functions of it. */
export const OS: Readonly<Record<string, unknown | ((process: SimProcess | null) => unknown)>> = {
  arch: 'x64',
  availableParallelism: 1,
  cpus: () => [{ model: 'simulated', speed: 1_000, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }],
  endianness: 'LE',
  freemem: 2 ** 31,
  getPriority: 0,
  homedir: () => ownEnvironment().HOME ?? '/root',
  hostname: hostnameOf,
  loadavg: () => [0, 0, 0],
  machine: 'x86_64',
  networkInterfaces: () => ({}),
  platform: 'linux',
  release: '6.1.0',
  tmpdir: () => ownEnvironment().TMPDIR ?? '/tmp',
  totalmem: 2 ** 32,
  type: 'Linux',
  userInfo: (process: SimProcess | null) => {
    const uid = process?.uid ?? 0;
    return { uid, gid: uid, username: uid === 0 ? 'root' : `user${uid}`, homedir: '/root', shell: '/bin/sh' };
  },
  version: '#1 SMP',
};

/** Of `process`, the same for all. */
const PROCESS = { platform: 'linux', arch: 'x64', execPath: '/usr/bin/node' } as const;

/** Of `node:worker_threads`: each simulated process is in the main thread of its own. */
const THREADS = { isMainThread: true, threadId: 0, parentPort: null, workerData: null } as const;

const NAVIGATOR = Object.freeze({
  hardwareConcurrency: 1,
  language: 'en-US',
  languages: Object.freeze(['en-US']),
  platform: 'linux',
  userAgent: 'Node.js',
});

/** A file that is given no time is of the beginning of time. */
const undated = simulatedClass(([bits, name, options, ...rest]) => [
  bits,
  name,
  {
    ...(options as object | undefined),
    lastModified: (options as { lastModified?: number } | undefined)?.lastModified ?? 0,
  },
  ...rest,
]);

const load = createRequire(import.meta.url);

/** What each process has of its own, or a step alone sees. */
export function simulatedSpots(): Spot[] {
  const { process } = globalThis;
  const argv = new PerProcess((simulated) => ['/usr/bin/node', ...(simulated?.command ?? [])]);
  const execArgv = new PerProcess((): string[] => []);
  return [
    environmentSpot(),
    ...spotsIn(
      process,
      'process',
      ['argv'],
      simulatedValue(() => argv.get()),
    ),
    ...spotsIn(
      process,
      'process',
      ['execArgv'],
      simulatedValue(() => execArgv.get()),
    ),
    ...spotsIn(
      globalThis,
      '',
      ['navigator'],
      simulatedValue(() => NAVIGATOR),
    ),
    ...fileSpots(),
    ...Object.entries(OS).flatMap(([key, value]) => {
      const answer = typeof value === 'function' ? value : () => value;
      const guard = simulatedCall(() => answer(ambient.host?.machine.current ?? null));
      return spotsIn(load('os'), 'node:os', [key], guard);
    }),
  ];
}

/** What is exchanged for a whole slice, for everybody. */
export function constantSpots(): Spot[] {
  return [
    ...constants(globalThis.process, 'process', PROCESS),
    ...constants(load('worker_threads'), 'node:worker_threads', THREADS),
  ];
}

function fileSpots(): Spot[] {
  const owners: [owner: { File?: unknown }, of: string][] = [
    [globalThis, ''],
    [load('buffer') as { File?: unknown }, 'node:buffer'],
  ];
  // Node makes the class, and a property that can be exchanged, when it is first asked for.
  return owners.flatMap(([owner, of]) => (owner.File ? classSpots(owner, of, 'File', undated) : []));
}

/** Those that are not the same on the real machine. */
function constants(owner: object, of: string, values: Readonly<Record<string, unknown>>): Spot[] {
  return Object.entries(values).flatMap(([key, value]) =>
    Reflect.get(owner, key) === value ? [] : spotsIn(owner, of, [key], constant(value)),
  );
}

/** As the port tells it, without a step of its own: it does not change. */
function hostnameOf(process: SimProcess | null): string {
  const machine = ambient.host?.machine;
  if (machine === undefined || process === null) return 'machine';
  return (
    HANDLERS.self(machine, { process } as ParkedOperation<'self'>, { op: 'self' }) as { hostname: string }
  ).hostname;
}
