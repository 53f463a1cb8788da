import type { OperationName } from '../../ports/index.ts';
import type { Handlers } from '../kernel/handler.ts';
import { FILES } from './files.ts';
import { PROCESSES } from './processes.ts';
import { SOCKETS } from './sockets.ts';
import { STREAMS } from './streams.ts';
import { TIME } from './time.ts';

/** The implementation of each operation on the simulated machine. */
export const HANDLERS: Handlers<OperationName> = { ...FILES, ...PROCESSES, ...TIME, ...SOCKETS, ...STREAMS };

export const OPERATION_NAMES = Object.keys(HANDLERS) as readonly OperationName[];
