/** Machines that are wrong on purpose: the comparison must find each. */

import type { KindName } from '../../src/ports/argument-kinds.ts';
import {
  type Machine,
  type Operation,
  type OperationName,
  type Reject,
  type Resolve,
  SystemError,
} from '../../src/ports/index.ts';
import type { SimProcess } from '../../src/sim/index.ts';
import { utf8Length } from '../../src/sim/vfs/path.ts';
import { HALF } from './odd-values.ts';

type Decorate = (machine: Machine<SimProcess>) => Machine<SimProcess>;

export interface Wrong {
  readonly id: string;
  /** The name of the area in which it shows. */
  readonly area: string;
  /** A kind of argument that the ports do not check. */
  readonly unchecked?: KindName;
  /** The simulated machine, and what is wrong with it. */
  readonly decorate?: Decorate;
}

type Execute = Machine<SimProcess>['execute'];

function changing(
  change: (
    execute: Execute,
    process: SimProcess,
    operation: Operation,
    resolve: Resolve,
    reject: Reject,
  ) => ReturnType<Execute>,
): Decorate {
  return (machine) => {
    const execute: Execute = (...args) => machine.execute(...args);
    return { execute: (...args) => change(execute, ...args) };
  };
}

/** Fails instead of what the machine would do. */
function failing(
  when: (operation: Operation) => ConstructorParameters<typeof SystemError>[0] | null,
): Decorate {
  return changing((execute, process, operation, resolve, reject) => {
    const code = when(operation);
    if (code === null) return execute(process, operation, resolve, reject);
    reject(new SystemError(code, operation));
    return { cancel: () => {} };
  });
}

function changingResult<Name extends OperationName>(op: Name, to: (value: never) => unknown): Decorate {
  return changing((execute, process, operation, resolve, reject) =>
    execute(
      process,
      operation,
      operation.op === op ? (value) => resolve(to(value as never)) : resolve,
      reject,
    ),
  );
}

/** Before this was repaired, a descriptor of opendir was none. */
function forgetsDirectories(machine: Machine<SimProcess>): Machine<SimProcess> {
  const opened = new Set<string>();
  return {
    execute: (process, operation, resolve, reject) => {
      const { op } = operation;
      const key = `${process.pid} ${(operation as { fd?: number }).fd}`;
      if (op === 'close') opened.delete(key);
      if (op === 'open' || op === 'opendir') {
        return machine.execute(
          process,
          operation,
          (fd) => {
            if (op === 'opendir') opened.add(`${process.pid} ${fd}`);
            else opened.delete(`${process.pid} ${fd}`);
            resolve(fd);
          },
          reject,
        );
      }
      if (!opened.has(key) || (op !== 'fsync' && op !== 'fstat'))
        return machine.execute(process, operation, resolve, reject);
      reject(new SystemError('EBADF', operation));
      return { cancel: () => {} };
    },
  };
}

/** Results instead of errors, with the operations that give them. */
function succeeding(code: string, ops: readonly OperationName[], result: (operation: Operation) => unknown) {
  return changing((execute, process, operation, resolve, reject) =>
    execute(process, operation, resolve, (error) => {
      if (error.code === code && ops.includes(operation.op)) resolve(result(operation));
      else reject(error);
    }),
  );
}

const SENDS = ['send', 'write'] as const;
const RECEIVES = ['recv', 'read'] as const;
const lengthOf = (operation: Operation): number => (operation as Operation<'send'>).data.length;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const WRONG: readonly Wrong[] = [
  { id: 'unchecked paths', area: 'files', unchecked: 'path' },
  { id: 'unchecked modes', area: 'files', unchecked: 'mode' },
  { id: 'unchecked lengths', area: 'files', unchecked: 'readLength' },
  { id: 'unchecked positions', area: 'files', unchecked: 'readPosition' },
  { id: 'unchecked times', area: 'files', unchecked: 'time' },
  { id: 'unchecked PIDs', area: 'processes', unchecked: 'pid' },
  { id: 'unchecked addresses', area: 'sockets', unchecked: 'address' },
  { id: 'unchecked answers', area: 'sockets', unchecked: 'answer' },
  { id: 'unchecked requests', area: 'sockets', unchecked: 'request' },
  {
    id: 'a directory in batches of 32',
    area: 'files',
    decorate: changingResult('readdir', (entries: unknown[]) => entries.slice(0, 32)),
  },
  { id: 'no descriptor of opendir', area: 'files', decorate: forgetsDirectories },
  {
    id: 'half surrogate pairs in names',
    area: 'files',
    decorate: changing((execute, process, operation, resolve, reject) => {
      const other = Object.entries(operation).map(([key, value]) => [
        key,
        typeof value === 'string' ? value.replaceAll(HALF, '\ue000') : value,
      ]);
      return execute(process, Object.fromEntries(other) as Operation, resolve, reject);
    }),
  },
  {
    id: 'a new name too long before the old one is missing',
    area: 'files',
    decorate: failing((operation) =>
      operation.op === 'rename' && utf8Length(nameOf(operation.to)) > 255 ? 'ENAMETOOLONG' : null,
    ),
  },
  {
    id: 'a read of nothing needs a descriptor',
    area: 'files',
    decorate: failing((operation) =>
      operation.op === 'read' && operation.length === 0 && operation.fd > 900 ? 'EBADF' : null,
    ),
  },
  {
    id: 'a read as long as it is asked for',
    area: 'files',
    decorate: changingResult('read', (bytes: string) => (bytes.length >= 2 ** 20 ? `${bytes}xxxxx` : bytes)),
  },
  {
    id: 'a body without content',
    area: 'sockets',
    decorate: changing((execute, process, operation, resolve, reject) => {
      if (operation.op === 'request') {
        const full = (answer: { status: number; body: string }) =>
          resolve(answer.status === 204 ? { ...answer, body: 'by 0' } : answer);
        return execute(process, operation, full, reject);
      }
      return execute(process, operation, resolve, reject);
    }),
  },
  {
    id: 'an empty title',
    area: 'processes',
    decorate: changing((execute, process, operation, resolve, reject) =>
      operation.op === 'setTitle' && operation.title === ''
        ? execute(process, { ...operation, title: 'title' }, resolve, reject)
        : execute(process, operation, resolve, reject),
    ),
  },
  { id: 'unchecked standard descriptors', area: 'pipes', unchecked: 'stdio' },
  {
    id: 'a connection that is reset has ended',
    area: 'streams',
    decorate: succeeding('ECONNRESET', RECEIVES, () => ''),
  },
  {
    id: 'a reset is an end',
    area: 'streams',
    decorate: changing((execute, process, operation, resolve, reject) =>
      execute(
        process,
        operation.op === 'reset' ? { op: 'close', fd: operation.fd } : operation,
        resolve,
        reject,
      ),
    ),
  },
  {
    id: 'a half-closed connection is closed',
    area: 'streams',
    decorate: changing((execute, process, operation, resolve, reject) =>
      execute(
        process,
        operation.op === 'shutdown' ? { op: 'close', fd: operation.fd } : operation,
        resolve,
        reject,
      ),
    ),
  },
  {
    id: 'sending to nothing succeeds',
    area: 'streams',
    decorate: succeeding('EPIPE', SENDS, lengthOf),
  },
  {
    id: 'writing to nothing succeeds',
    area: 'pipes',
    decorate: succeeding('EPIPE', SENDS, lengthOf),
  },
  {
    id: 'a pipe has room for all',
    area: 'pipes',
    decorate: changing((execute, process, operation, resolve, reject) =>
      execute(
        process,
        operation,
        operation.op === 'write' ? () => resolve(operation.data.length) : resolve,
        reject,
      ),
    ),
  },
  {
    id: 'a pipe without end',
    area: 'pipes',
    decorate: changing((execute, process, operation, resolve, reject) => {
      const isRead = operation.op === 'read' && operation.length > 0;
      return execute(
        process,
        operation,
        isRead ? (data) => (data === '' ? undefined : resolve(data)) : resolve,
        reject,
      );
    }),
  },
  {
    id: 'a child that has no end of a pipe',
    area: 'pipes',
    decorate: changing((execute, process, operation, resolve, reject) => {
      if (operation.op !== 'spawn') return execute(process, operation, resolve, reject);
      const { inherit: _, stdio: __, ...rest } = operation;
      return execute(process, rest, resolve, reject);
    }),
  },
];
