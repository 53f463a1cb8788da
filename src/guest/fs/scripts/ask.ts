/** What all scripts of file calls are made of: one operation, and a descriptor that is closed in any case. */
import { type Operation, type OperationName, type ResultOf, SystemError } from '../../../ports/index.ts';
import type { Script } from '../../script.ts';

/** What a call needs of its process besides operations. */
export interface Context {
  wallMs(): number;
  randomHex(bytes: number): string;
}

/** One operation; its error under the name, and of the path, that Node gives it. */
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

/** Whatever happens, the descriptor is closed; an error of the work goes before one of close. */
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

/** What has failed already goes before what fails while it is tidied up. */
export function* quietly(operation: Operation<'close' | 'unlink'>): Script<void> {
  try {
    yield* ask(operation);
  } catch {}
}
