import { writeSync } from 'node:fs';
import { ignore } from '../ports/ignore.ts';
import { type Machine, type Operation, type Outcome, type Program, portsOf, traced } from '../ports/index.ts';
import { nameAndMessageOf } from '../ports/message-of.ts';
import { monotonicMs } from './clock.ts';
import { NodeMachine, type NodeMachineOptions } from './machine.ts';
import { Trace } from './trace.ts';

/** The environment variable with the default of {@link RunOptions.trace}. */
export const TRACE_VARIABLE = 'ONE_SURVIVOR_TRACE';

/** Options to run a program as a real process. */
export interface RunOptions extends NodeMachineOptions {
  /**
   * The file to which a line is appended for each operation and mark, see {@link Trace}. Default: the environment variable
   * ONE_SURVIVOR_TRACE, which children inherit. If it cannot be written the process ends, because an incomplete trace proves nothing.
   */
  readonly trace?: string;
}

/**
 * Runs a program as this process, which lives exactly as long as the program's promise is pending, regardless of what is
 * left in the event loop. If it rejects, the error is printed on one line, and the exit code is 1, or the `exitCode` of the error.
 *
 * @throws TypeError if the program is not a function, or `argv` is not an array
 */
export function runProgram(program: Program, argv: readonly string[], options: RunOptions = {}): void {
  runDecorated(program, argv, options, (machine) => machine);
}

/**
 * The same on a decorated machine. The trace has what the program asked of that.
 *
 * @throws TypeError as {@link runProgram}
 */
export function runDecorated(
  program: Program,
  argv: readonly string[],
  options: RunOptions,
  decorate: (machine: Machine) => Machine,
): void {
  if (typeof program !== 'function')
    throw new TypeError(`runProgram: got ${typeof program} as the program: expected a function`);
  if (!Array.isArray(argv)) {
    throw new TypeError(
      `runProgram: got ${typeof argv} as argv: expected an array, such as process.argv.slice(2)`,
    );
  }
  const machine = traceInto(options.trace ?? process.env[TRACE_VARIABLE], decorate(new NodeMachine(options)));
  const exit = (code: number): void => {
    machine.execute(null, { op: 'exit', code }, ignore, ignore);
  };
  // Waiting for a signal does not keep Node alive by itself.
  setInterval(ignore, 2 ** 30);
  Promise.resolve(portsOf(machine, null))
    .then((ports) => program(ports, argv))
    .then(
      (code) => exit(code ?? 0),
      (error: unknown) => {
        report(error);
        exit(exitCodeIn(error));
      },
    );
}

/** That of the error, if it has one. */
function exitCodeIn(error: unknown): number {
  const code = (error as { exitCode?: unknown } | null | undefined)?.exitCode;
  return typeof code === 'number' && Number.isInteger(code) && code > 0 && code < 256 ? code : 1;
}

function traceInto(path: string | undefined, machine: Machine): Machine {
  if (path === undefined || path === '') return machine;
  const trace = new Trace(path);
  const askedMs = new WeakMap<Operation, number>();
  const append = (operation: Operation, outcome: Outcome | null): void => {
    try {
      trace.append(askedMs.get(operation) ?? Number.NaN, operation, outcome);
    } catch (error) {
      report(error);
      process.exit(1);
    }
  };
  const observed = traced(machine, (_, operation, outcome) => append(operation, outcome));
  return {
    execute: (caller, operation, resolve, reject) => {
      askedMs.set(operation, monotonicMs());
      // `exit` has no outcome, so `traced` does not report it.
      if (operation.op === 'exit') append(operation, null);
      return observed.execute(caller, operation, resolve, reject);
    },
  };
}

/** The error on a single line. */
export function errorLine(error: unknown): string {
  return nameAndMessageOf(error).replace(
    /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Synchronous, because data buffered in process.stderr is lost when the process exits. */
function report(error: unknown): void {
  try {
    writeSync(2, `${errorLine(error)}\n`);
  } catch {
    // stderr is closed; the exit code still shows the failure.
  }
}
