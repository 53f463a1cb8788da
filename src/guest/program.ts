import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simulatedConsole } from '../host/index.ts';
import { type Ports, type Program, portsOf } from '../ports/index.ts';
import { builtin, cryptoFor, type Parts, timersModule } from './builtins.ts';
import { dateFor, mathFor, performanceFor } from './clocks.ts';
import { nodeFs } from './fs/node-fs.ts';
import { globalsFor } from './globals.ts';
import { Loop } from './loop.ts';
import { GLOBAL_PARAMETERS, MODULE_PARAMETERS, resolveFrom, sourceOf } from './packages.ts';
import { type GuestProcess, guestProcess, leave } from './process.ts';
import { resumable } from './resumable.ts';
import type { Caller } from './script.ts';
import { Timers } from './timers.ts';

/** A published package as a program: where to find it, and what to do with it. */
export interface GuestOptions {
  /** Where packages are resolved from: the path or URL of a file of the project, for example `import.meta.url`. */
  from: string | URL;
  /** The main function; its result is the exit code. It receives the same globals as its packages. */
  main(
    require: GuestRequire,
    ports: Ports,
    argv: readonly string[],
    globals: GuestGlobals,
  ): Promise<number | void>;
}

/** `require` of CommonJS. Packages loaded by it use `fs`, timers and `process` of the simulated machine. */
// biome-ignore lint/suspicious/noExplicitAny: as in Node.
export type GuestRequire = (name: string) => any;

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

/**
 * A program that runs published packages unmodified. Each process has its own instances of all modules; `fs`, `process`, timers,
 * clocks and random numbers are those of the simulated machine. As in Node, it lives until `main` is done and the event loop
 * is empty; then, or on `process.exit`, the `exit` handlers run.
 *
 * @throws TypeError if `from` or `main` is missing
 */
export function guestProgram({ from, main }: GuestOptions): Program {
  if (typeof from !== 'string' && !(from instanceof URL))
    throw new TypeError(
      `guestProgram: from: got ${typeof from}: expected a path or URL, such as import.meta.url`,
    );
  if (typeof main !== 'function')
    throw new TypeError(`guestProgram: main: got ${typeof main}: expected a function`);
  const file = fileOf(from);
  return resumable(async (machine, process, argv) => {
    const ports = portsOf(machine, process);
    const loop = new Loop(machine, process);
    const caller: Caller = { machine, process, begun: loop.begun, over: loop.over };
    const guest = guestProcess(caller, machine);
    const timers = new Timers(machine, process, loop);
    const performance = performanceFor(caller, machine.readClock(process, 'monotonic'));
    const fs = nodeFs(ports, loop);
    const own = {
      process: guest,
      Date: dateFor(caller),
      Math: mathFor(caller),
      performance,
      crypto: cryptoFor(machine, process).webcrypto,
      console: simulatedConsole,
      ...timersModule(timers),
    };
    const parts: Parts = {
      machine,
      simulated: process,
      fs,
      process: guest,
      timers,
      console: simulatedConsole,
      performance,
    };
    const modules = new Modules(parts, globalsFor(own));
    loop.begun();
    const code = await main(modules.requireFrom(file), ports, argv, own);
    if (typeof code === 'number') guest.exitCode = code;
    loop.over();
    do await loop.idle();
    while (!leave(guest, () => loop.isIdle));
    return process.alive ? (guest.exitCode ?? 0) : 0;
  });
}

/** The modules of one process. */
class Modules {
  readonly #parts: Parts;
  readonly #globals: Record<string, unknown>;
  readonly #loaded = new Map<string, { exports: unknown }>();

  constructor(parts: Parts, globals: Record<string, unknown>) {
    this.#parts = parts;
    this.#globals = globals;
  }

  requireFrom(filename: string): GuestRequire {
    return Object.assign((name: string) => this.#load(resolveFrom(filename, name)), {
      resolve: (name: string) => resolveFrom(filename, name),
      cache: {},
      main: undefined,
    });
  }

  #load(id: string): unknown {
    const loaded = this.#loaded.get(id);
    if (loaded !== undefined) return loaded.exports;
    const module = { id, filename: id, exports: {} as unknown, loaded: false, children: [], paths: [] };
    this.#loaded.set(id, module);
    try {
      this.#run(id, module);
    } catch (error) {
      this.#loaded.delete(id);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  #run(id: string, module: { exports: unknown }): void {
    if (!id.startsWith('/') && !/^[A-Za-z]:/.test(id)) {
      module.exports = builtin(id, this.#parts);
      return;
    }
    const source = sourceOf(id);
    if (source.kind === 'json') {
      module.exports = JSON.parse(source.text);
      return;
    }
    const values: Record<string, unknown> = {
      exports: module.exports,
      require: this.requireFrom(id),
      module,
      __filename: id,
      __dirname: dirname(id),
    };
    const run = source.run(...GLOBAL_PARAMETERS.map((name) => this.#globals[name]));
    run.apply(
      module.exports,
      MODULE_PARAMETERS.map((name) => values[name]),
    );
  }
}

/** A folder is resolved to a file in it, so that packages are searched in the folder itself. */
function fileOf(from: string | URL): string {
  const path = from instanceof URL || from.startsWith('file:') ? fileURLToPath(from) : from;
  return path.endsWith('/') ? join(path, 'main.js') : path;
}
