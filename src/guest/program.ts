/** Published packages as a program: a function of the scenario that requires them. */
import type { Ports, Program } from '../ports/index.ts';
import { fileOf, type GuestRequire } from './modules/modules.ts';
import { type GuestGlobals, nodeRuntime } from './runtime.ts';

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
  return nodeRuntime(({ ports, argv, modules, globals }) =>
    main(modules.requireFrom(file), ports, argv, globals),
  );
}
