import { createRequire } from 'node:module';
import type { ParkedOperation, SimProcess } from '../../sim/records/process.ts';
import { HANDLERS } from '../../sim/syscalls/index.ts';
import { environmentSpot, ownEnvironment } from './environment.ts';
import { constant, simulatedCall, simulatedClass, simulatedValue } from './guards.ts';
import { ambient, PerProcess } from './stepping.ts';
import { classSpots, type Spot, spotsIn } from './swap.ts';

/** Values that daemons often read but rarely depend on. They are the same in every run: those of a small Linux machine. */

/** The results of the functions of `os`; a function if the result depends on the process. */
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

/** Properties of `process` that are the same for all processes. */
const PROCESS = { platform: 'linux', arch: 'x64', execPath: '/usr/bin/node' } as const;

/** Exports of `node:worker_threads`: each simulated process runs in its main thread. */
const THREADS = { isMainThread: true, threadId: 0, parentPort: null, workerData: null } as const;

const NAVIGATOR = Object.freeze({
  hardwareConcurrency: 1,
  language: 'en-US',
  languages: Object.freeze(['en-US']),
  platform: 'linux',
  userAgent: 'Node.js',
});

/** A `File` without a modification time gets time 0. */
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

/** Values that differ between processes, or that only steps see. */
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

/** Values that are replaced for a whole slice, for all code. */
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
  // Node creates the class, and a replaceable property, on first use.
  return owners.flatMap(([owner, of]) => (owner.File ? classSpots(owner, of, 'File', undated) : []));
}

/** The values that differ from those of the real machine. */
function constants(owner: object, of: string, values: Readonly<Record<string, unknown>>): Spot[] {
  return Object.entries(values).flatMap(([key, value]) =>
    Reflect.get(owner, key) === value ? [] : spotsIn(owner, of, [key], constant(value)),
  );
}

/** As `ports.process.self` returns it, but without a step: it does not change. */
function hostnameOf(process: SimProcess | null): string {
  const machine = ambient.host?.machine;
  if (machine === undefined || process === null) return 'machine';
  return (
    HANDLERS.self(machine, { process } as ParkedOperation<'self'>, { op: 'self' }) as { hostname: string }
  ).hostname;
}
