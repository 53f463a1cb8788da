import { mistakeIn } from './arguments.ts';
import type { Machine } from './machine.ts';
import type { Operation, OperationName, ResultOf } from './operation.ts';

/** One operation as a promise, which rejects at once if an argument is bad. All ports are built on this. */
export function call<Name extends OperationName>(
  machine: Machine,
  process: unknown,
  operation: Operation<Name>,
): Promise<ResultOf<Name>> {
  return new Promise((resolve, reject) => {
    const mistake = mistakeIn(operation as Operation);
    if (mistake !== null) reject(mistake);
    else machine.execute(process, operation as Operation, resolve, reject);
  });
}
