import type { OperationName, OperationTable, ResultOf } from '../../ports/index.ts';
import type { Errno } from '../base/errno.ts';
import type { Caller } from './caller.ts';
import type { Volume } from './volume.ts';

/** Carries out one operation of the table on a volume, at once. An operation that fails has changed nothing. */
export type FileCall<Name extends OperationName> = (
  volume: Volume,
  caller: Caller,
  operation: Readonly<OperationTable[Name][0]>,
) => ResultOf<Name> | Errno;
