/** What every program of Node has, whether it is a file or a function: its process, globals, modules and event loop. */
import { type Ports, type Program, portsOf } from '../ports/index.ts';
import type { SimProcess } from '../sim/index.ts';
import { atomicsFor } from './atomics.ts';
import { builtin, type Parts, timersModule } from './builtins.ts';
import { abortSignalFor, dateFor, mathFor } from './clocks.ts';
import { consoleFor } from './console.ts';
import { cryptoFor } from './crypto.ts';
import { Devices } from './devices.ts';
import { nodeFs } from './fs/node-fs.ts';
import { functionFor } from './function.ts';
import { globalsFor } from './globals.ts';
import { Loop } from './loop.ts';
import { prepareLexer } from './modules/export-names.ts';
import { Modules } from './modules/modules.ts';
import { Network } from './net/index.ts';
import { PackageFiles } from './package-files.ts';
import { performanceFor } from './performance.ts';
import { type GuestProcess, guestProcess, leave } from './process.ts';
import { resumable } from './resumable.ts';
import { type Caller, Ended } from './script.ts';
import { Timers } from './timers.ts';

/** Globals for the code of `main`: the real ones would bypass the ports. */
export interface GuestGlobals {
  readonly process: GuestProcess;
  readonly Date: DateConstructor;
  readonly Math: Math;
  readonly setTimeout: Timers['setTimeout'];
  readonly clearTimeout: Timers['clearTimeout'];
  readonly setInterval: Timers['setInterval'];
  readonly setImmediate: Timers['setImmediate'];
}

/** One instance of a program, in its process. */
export interface Runtime {
  readonly ports: Ports;
  readonly simulated: SimProcess;
  readonly argv: readonly string[];
  readonly guest: GuestProcess;
  readonly modules: Modules;
  readonly globals: GuestGlobals;
  readonly packageFiles: PackageFiles;
  /** What happens if the program does not catch an error. */
  readonly crashes: (error: unknown) => void;
}

/**
 * A program of Node. As in Node, it lives until `main` is done and the event loop is empty; then, or on `process.exit`, the `exit`
 * handlers run.
 *
 * @param main its result, if it is a number, is the exit code
 */
export function nodeRuntime(main: (runtime: Runtime) => Promise<number | void> | number | void): Program {
  prepareLexer();
  return resumable(async (machine, simulated, argv) => {
    const ports = portsOf(machine, simulated);
    const packageFiles = new PackageFiles(machine, simulated);
    const loop = new Loop(machine, simulated);
    const caller: Caller = { machine, process: simulated, begun: loop.begun, over: loop.over };
    const guest = guestProcess(caller, machine);
    const timers = new Timers(machine, simulated, loop);
    const turn = (then: () => void): void => {
      loop.begun();
      loop.turn(() => {
        loop.over();
        then();
      });
    };
    const now = () => new (dateFor(caller))();
    const network = new Network({ caller, timers, simulated, now, turn });
    const performance = performanceFor(caller, machine.readClock(simulated, 'monotonic'));
    const console = consoleFor({ guest, simulated, now: performance.now });
    const globals: GuestGlobals & Record<string, unknown> = {
      process: guest,
      Date: dateFor(caller),
      Math: mathFor(caller),
      performance,
      crypto: cryptoFor(machine, simulated).webcrypto,
      console,
      AbortSignal: abortSignalFor(timers),
      Atomics: atomicsFor(machine),
      fetch: network.fetch,
      ...timersModule(timers),
    };
    globals.Function = functionFor(globals);
    const parts: Parts = {
      globals,
      machine,
      simulated,
      fs: nodeFs(portsOf(new Devices(packageFiles, machine, simulated), simulated), {
        begun: loop.begun,
        over: loop.over,
        timers,
      }),
      process: guest,
      timers,
      console,
      performance,
      caller,
      instance: machine,
      net: network,
    };
    const modules = new Modules({
      builtin: (name) => builtin(name, parts),
      globals: globalsFor(globals),
      turn,
    });
    const crashes = (error: unknown): void => machine.crashes(simulated, error);
    loop.begun();
    try {
      const code = await main({ ports, simulated, argv, guest, modules, globals, packageFiles, crashes });
      if (typeof code === 'number') guest.exitCode = code;
    } catch (error) {
      if (error instanceof Ended) throw error;
      // With a listener of uncaughtException, the process goes on.
      crashes(error);
    }
    loop.over();
    do await loop.idle();
    while (!leave(guest, () => loop.isIdle));
    return simulated.alive ? (guest.exitCode ?? 0) : 0;
  });
}
