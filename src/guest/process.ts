import { EventEmitter } from 'node:events';
import { findSignal, SIGNALS, type Signal, SystemError } from '../ports/index.ts';
import { parentPid, type SimProcess } from '../sim/index.ts';
import { coded, invalidType } from './fs/arguments.ts';
import type { Instance } from './instance.ts';
import { refuse, refusedMembers } from './not-simulated.ts';
import { addChannel } from './parent-channel.ts';
import { type Caller, Ended, executeNow, immediateOf, nextTick } from './script.ts';
import { addStdio } from './stdio.ts';
import { noting } from './uses.ts';

/** Libraries branch on it, so it is the same under every version of Node: a schedule gives the same run everywhere. */
const VERSION = '20.19.0';

/** The `process` of a simulated process: an event emitter with the members that libraries use. */
export interface GuestProcess extends EventEmitter {
  exitCode: number | undefined;
  exit(code?: number): never;
  [name: string]: unknown;
}

/** Its prototype refuses what Node's process has besides. */
class Emitter extends EventEmitter {}
for (const [name, make] of refusedMembers(
  'process',
  globalThis.process,
  // A process without a channel has neither send nor disconnect.
  (name) => name in EventEmitter.prototype || name === 'send' || name === 'disconnect',
))
  Object.defineProperty(Emitter.prototype, name, { value: make(null), writable: true, configurable: true });

export function guestProcess(
  caller: Caller,
  instance: Pick<Instance, 'observe' | 'isGivenUp'>,
): GuestProcess {
  const { machine } = caller;
  const simulated = caller.process as SimProcess;
  const clock = immediateOf(machine);
  const startMs = clock.readClock(simulated, 'monotonic');
  const guest = new Emitter() as EventEmitter as GuestProcess;
  guest.setMaxListeners(0);

  const emitExit = (code: number): void => {
    guest.exitCode = code;
    if (guest._exiting) return;
    guest._exiting = true;
    guest.emit('exit', code);
  };
  const reallyExit = (code: unknown = 0): never => {
    executeNow(caller, { op: 'exit', code: Number(code) || 0 });
    throw new Ended('exit');
  };
  const hrtime = (before?: readonly [number, number]): [number, number] => {
    const ns = BigInt(Math.round(clock.readClock(simulated, 'monotonic') * 1e6));
    const sinceNs = ns - (before === undefined ? 0n : BigInt(before[0]) * 1_000_000_000n + BigInt(before[1]));
    return [Number(sinceNs / 1_000_000_000n), Number(sinceNs % 1_000_000_000n)];
  };

  Object.assign(guest, {
    pid: simulated.pid,
    argv: ['/usr/bin/node', ...simulated.command],
    argv0: 'node',
    execPath: '/usr/bin/node',
    execArgv: [],
    env: {},
    version: `v${VERSION}`,
    versions: { node: VERSION, v8: '11.3.244.8-node.26', uv: '1.46.0' },
    release: { name: 'node' },
    platform: 'linux',
    arch: 'x64',
    features: {},
    config: { variables: {} },
    exitCode: undefined,
    _exiting: false,
    cwd: () => simulated.cwd,
    chdir: (path: string) => {
      const cwd = executeNow(caller, { op: 'realpath', path }) as string;
      if (!instance.isGivenUp) simulated.cwd = cwd;
    },
    umask: (mask?: number | string) => {
      const before = simulated.umask;
      const wanted = typeof mask === 'string' ? Number.parseInt(mask, 8) : mask;
      if (wanted !== undefined && !instance.isGivenUp) simulated.umask = Number(wanted) & 0o777;
      return before;
    },
    getuid: () => simulated.uid,
    geteuid: () => simulated.uid,
    getgid: () => simulated.gid,
    getegid: () => simulated.gid,
    nextTick: (callback: unknown, ...args: unknown[]) => {
      if (typeof callback !== 'function') throw invalidType('callback', 'of type function', callback);
      nextTick(() => {
        if (simulated.alive) callback(...args);
      });
    },
    kill: (pid: unknown, signal: unknown = 'SIGTERM') => {
      if (typeof pid !== 'number') throw invalidType('pid', 'of type number', pid);
      const sent = signal === 0 ? 0 : findSignal(signal);
      if (sent === null) {
        throw coded(new TypeError(`Unknown signal: ${String(signal)}`), 'ERR_UNKNOWN_SIGNAL');
      }
      try {
        executeNow(caller, { op: 'kill', pid, signal: sent, startTicks: null });
      } catch (error) {
        if (error instanceof SystemError) error.message = `kill ${error.code}`;
        throw error;
      }
      return true;
    },
    reallyExit,
    exit: (code?: unknown): never => {
      emitExit(Number(code ?? guest.exitCode ?? 0));
      return (guest.reallyExit as typeof reallyExit)(guest.exitCode ?? 0);
    },
    abort: (): never => {
      executeNow(caller, { op: 'kill', pid: simulated.pid, signal: 'SIGABRT', startTicks: null });
      throw new Ended('abort');
    },
    emitWarning: (warning: unknown, ...rest: unknown[]) => {
      const [given, code] = rest;
      const options =
        typeof given === 'object' && given !== null ? (given as { type?: string; code?: string }) : {};
      const type = typeof given === 'string' ? given : options.type;
      const error = warning instanceof Error ? warning : new Error(String(warning));
      if (!(warning instanceof Error)) error.name = type ?? 'Warning';
      Object.assign(error, { code: options.code ?? (typeof code === 'string' ? code : undefined) });
      nextTick(() => {
        if (!simulated.alive) return;
        const { code: shown } = error as { code?: string };
        const text = `(node:${simulated.pid}) ${shown === undefined ? '' : `[${shown}] `}${error.name}: ${error.message}\n`;
        (guest.stderr as { write(text: string): unknown }).write(text);
        guest.emit('warning', error);
      });
    },
    getActiveResourcesInfo: () => [],
    getgroups: () => [simulated.gid],
    // To become who one is already is what daemons do that may be started as root.
    ...Object.fromEntries(
      ['setuid', 'seteuid', 'setgid', 'setegid'].map((name) => [
        name,
        (id: unknown) => {
          const now = name.endsWith('uid') ? simulated.uid : simulated.gid;
          const root = now === 0 && id === 'root';
          if (Number(id) !== now && !root) refuse(`process.${name} to another one`);
        },
      ]),
    ),
    report: undefined,
    debugPort: 9229,
    channel: undefined,
    constrainedMemory: () => 0,
    availableMemory: () => 2 ** 31,
    setUncaughtExceptionCaptureCallback: () => refuse('process.setUncaughtExceptionCaptureCallback'),
    hasUncaughtExceptionCaptureCallback: () => false,
    setSourceMapsEnabled: () => {},
    resourceUsage: () => ({ userCPUTime: 0, systemCPUTime: 0, maxRSS: 48_000 }),
    allowedNodeEnvironmentFlags: new Set(),
    uptime: () => (clock.readClock(simulated, 'monotonic') - startMs) / 1000,
    hrtime: Object.assign(hrtime, {
      bigint: () => BigInt(Math.round(clock.readClock(simulated, 'monotonic') * 1e6)),
    }),
    memoryUsage: Object.assign(
      () => ({ rss: 5e7, heapTotal: 1e7, heapUsed: 5e6, external: 1e6, arrayBuffers: 1e4 }),
      { rss: () => 5e7 },
    ),
    cpuUsage: () => ({ user: 0, system: 0 }),
  });
  noting('process', guest);
  let title = 'node';
  Object.defineProperty(guest, 'title', {
    get: () => title,
    set: (value: unknown) => {
      title = String(value);
      executeNow(caller, { op: 'setTitle', title });
    },
    enumerable: true,
    configurable: true,
  });
  Object.defineProperty(guest, 'ppid', {
    get: () => instance.observe(() => parentPid(simulated)),
    enumerable: true,
  });
  addStdio(guest, caller);
  addChannel(guest, caller);
  listenForSignals(caller, guest);

  simulated.warn = (...warning) => {
    if (!instance.isGivenUp) (guest.emitWarning as (...given: unknown[]) => void)(...warning);
  };
  simulated.uncaught = (error, promise) => {
    if (error instanceof Ended) return true;
    try {
      if (promise !== undefined && guest.listenerCount('unhandledRejection') > 0) {
        guest.emit('unhandledRejection', error, promise);
        return true;
      }
      const origin = promise === undefined ? 'uncaughtException' : 'unhandledRejection';
      guest.emit('uncaughtExceptionMonitor', error, origin);
      if (guest.listenerCount('uncaughtException') > 0) {
        guest.emit('uncaughtException', error, origin);
        return true;
      }
      emitExit(1);
    } catch (thrown) {
      // The instance is given up before a call of the handler: the process goes on.
      if (thrown instanceof Ended) return true;
      // Node would exit with another code; here, the first exception ends the process.
    }
    return false;
  };
  return guest;
}

/** Runs the exit handlers of a program whose event loop is empty. `false` if one of them has started something new. */
export function leave(guest: GuestProcess, isIdle: () => boolean): boolean {
  guest.emit('beforeExit', guest.exitCode ?? 0);
  if (!isIdle()) return false;
  guest._exiting = true;
  guest.emit('exit', guest.exitCode ?? 0);
  return true;
}

/** A signal is handled as long as it has a listener. */
function listenForSignals(caller: Caller, guest: GuestProcess): void {
  const { machine, process } = caller;
  let waits = false;
  const wait = (): void => {
    waits = true;
    machine.execute(
      process,
      { op: 'sigwait' },
      (signal) => {
        wait();
        guest.emit(signal, signal, 0);
      },
      () => {},
    );
  };
  guest.on('newListener', (event: string | symbol) => {
    if (!isSignal(event) || guest.listenerCount(event) > 0) return;
    if (event === 'SIGKILL' || event === 'SIGSTOP') throw cannotHandle();
    executeNow(caller, { op: 'sigaction', signal: event, action: 'handle' });
    if (!waits) wait();
  });
  guest.on('removeListener', (event: string | symbol) => {
    if (!isSignal(event) || guest.listenerCount(event) > 0) return;
    executeNow(caller, { op: 'sigaction', signal: event, action: 'default' });
  });
}

function cannotHandle(): Error {
  const error = new Error('uv_signal_start EINVAL');
  return Object.assign(error, { errno: -22, code: 'EINVAL', syscall: 'uv_signal_start' });
}

function isSignal(event: string | symbol): event is Signal {
  return typeof event === 'string' && (SIGNALS as readonly unknown[]).includes(event);
}
