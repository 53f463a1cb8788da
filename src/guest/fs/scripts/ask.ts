/** The building blocks of all file scripts: a single operation, and work on a descriptor that is always closed. */
import { type Operation, type OperationName, type ResultOf, SystemError } from '../../../ports/index.ts';
import type { Script } from '../../script.ts';

/** What a function needs from its process besides operations. */
export interface Context {
  wallMs(): number;
  randomHex(bytes: number): string;
}

/** One operation; its error has the syscall name and path that Node reports. */
export function* ask<Name extends OperationName>(
  operation: Operation<Name>,
  as?: { syscall?: string; path?: string },
): Script<ResultOf<Name>> {
  try {
    return (yield operation as Operation) as ResultOf<Name>;
  } catch (error) {
    if (as !== undefined && error instanceof SystemError) Object.assign(error, as);
    throw error;
  }
}

/** Always closes the descriptor. An error of the work takes precedence over one of close. */
export function* closing<T>(fd: number, work: Script<T>): Script<T> {
  let result: T;
  try {
    result = yield* work;
  } catch (error) {
    yield* quietly({ op: 'close', fd });
    throw error;
  }
  yield* ask({ op: 'close', fd });
  return result;
}

/** Ignores errors during cleanup, so that the original error is reported. */
export function* quietly(operation: Operation<'close' | 'unlink'>): Script<void> {
  try {
    yield* ask(operation);
  } catch {}
}
