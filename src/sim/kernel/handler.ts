import type { Operation, OperationName, ResultOf } from '../../ports/index.ts';
import type { Errno } from './errno.ts';
import type { SimMachine } from './machine.ts';
import type { ParkedOperation } from './process.ts';

/** The operation waits: the handler has put it into a queue or set a timer, and somebody will wake it. */
export const WAITS: unique symbol = Symbol('waits');

/** Carries out one operation, atomically. Called again when an operation that waited has been woken and scheduled. */
export type Handler<Name extends OperationName> = (
  machine: SimMachine,
  parked: ParkedOperation<Name>,
  operation: Operation<Name>,
) => ResultOf<Name> | Errno | typeof WAITS;

export type Handlers<Names extends OperationName> = { readonly [Name in Names]: Handler<Name> };
