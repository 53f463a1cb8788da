import { writeSync } from 'node:fs';
import { type Machine, type Operation, type Outcome, type Program, portsOf, traced } from '../ports/index.ts';
import { monotonicMs } from './clock.ts';
import { NodeMachine, type NodeMachineOptions } from './machine.ts';
import { Trace } from './trace.ts';

/** Names the file that {@link RunOptions.trace} would. */
export const TRACE_VARIABLE = 'ONE_SURVIVOR_TRACE';

/** How a program is run as a real process. */
export interface RunOptions extends NodeMachineOptions {
  /**
   * Appends a line for each operation and mark, see {@link Trace}. By default ONE_SURVIVOR_TRACE of the environment,
   * which children inherit. A trace that cannot be written ends the process: one with holes would prove nothing.
   */
  readonly trace?: string;
}

/**
 * Runs a program as this process: the process lives exactly as long as the program's promise is pending, whatever
 * the event loop still has or no longer has to do.
 */
export function runProgram(program: Program, argv: readonly string[], options: RunOptions = {}): void {
  const machine = traceInto(options.trace ?? process.env[TRACE_VARIABLE], new NodeMachine(options));
  const exit = (code: number): void => {
    machine.execute(null, { op: 'exit', code }, ignore, ignore);
  };
  // Waiting for a signal alone would not keep Node alive.
  setInterval(ignore, 2 ** 30);
  Promise.resolve(portsOf(machine, null))
    .then((ports) => program(ports, argv))
    .then(
      (code) => exit(code ?? 0),
      (error: unknown) => {
        report(error);
        exit(1);
      },
    );
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
      // It has no outcome.
      if (operation.op === 'exit') append(operation, null);
      return observed.execute(caller, operation, resolve, reject);
    },
  };
}

/** One line, whatever the message holds. */
export function errorLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(
    /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Synchronously: what process.stderr still holds when the process exits is lost. */
function report(error: unknown): void {
  try {
    writeSync(2, `${errorLine(error)}\n`);
  } catch {
    // Nobody reads it; the exit code still tells.
  }
}

function ignore(): void {}
