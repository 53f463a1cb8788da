import type { Operation, OperationName, ResultOf } from '../../ports/index.ts';
import type { Errno } from '../base/errno.ts';
import type { ParkedOperation } from '../records/process.ts';
import type { Kernel } from './kernel.ts';

/** The operation waits: the handler has put it into a queue or set a timer, which wakes it. */
export const WAITS: unique symbol = Symbol('waits');

/** Carries out one operation, atomically. Called again when an operation that waited has been woken and scheduled. */
export type Handler<Name extends OperationName> = (
  kernel: Kernel,
  parked: ParkedOperation<Name>,
  operation: Operation<Name>,
) => ResultOf<Name> | Errno | typeof WAITS;

export type Handlers<Names extends OperationName> = { readonly [Name in Names]: Handler<Name> };
