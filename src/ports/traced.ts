import type { SystemError } from './error.ts';
import type { Machine } from './machine.ts';
import type { Operation } from './operation.ts';

/** How an operation ended: with its result, or with an error. */
export type Outcome = { readonly value: unknown } | { readonly error: SystemError };

/** Called for each operation at the moment its outcome is delivered. */
export type Observe<Process> = (process: Process, operation: Operation, outcome: Outcome) => void;

/** The same machine, but it calls `observe` for every operation. Changes neither order nor timing. */
export function traced<Process>(machine: Machine<Process>, observe: Observe<Process>): Machine<Process> {
  const { immediate } = machine;
  return {
    ...(immediate !== undefined && { immediate }),
    get episodes() {
      return machine.episodes ?? null;
    },
    execute: (process, operation, resolve, reject) =>
      machine.execute(
        process,
        operation,
        (value) => {
          observe(process, operation, { value });
          resolve(value);
        },
        (error) => {
          observe(process, operation, { error });
          reject(error);
        },
      ),
  };
}
