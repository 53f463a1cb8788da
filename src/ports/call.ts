import type { Machine } from './machine.ts';
import type { Operation, OperationName, ResultOf } from './operation.ts';

/** One operation as a promise. All ports are made of this. */
export function call<Name extends OperationName>(
  machine: Machine,
  process: unknown,
  operation: Operation<Name>,
): Promise<ResultOf<Name>> {
  return new Promise((resolve, reject) => {
    machine.execute(process, operation as Operation, resolve, reject);
  });
}
