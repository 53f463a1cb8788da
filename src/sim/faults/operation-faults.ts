import type { ErrorCode, OperationName } from '../../ports/index.ts';
import { type Fault, type FaultName, pick, pickRunning } from './fault.ts';

/** An error with which operations on files fail for a while. */
function failing(
  name: FaultName & Lowercase<ErrorCode>,
  about: string,
  whose: 'one process' | 'everybody',
  names: readonly OperationName[],
): Fault {
  const operations = new Set(names);
  return {
    name,
    about,
    // A single operation, or all operations for a second.
    defaults: { forMs: [0, 1_000] },
    strike(machine, { forMs }) {
      const process = whose === 'everybody' ? null : pickRunning(machine);
      if (whose !== 'everybody' && process === null) return null;
      const duration = pick(machine, forMs)!;
      const left = duration === 0 ? 1 : Number.POSITIVE_INFINITY;
      const untilUs = duration === 0 ? Number.POSITIVE_INFINITY : machine.clocks.nowUs + duration * 1000;
      const code = name.toUpperCase() as ErrorCode;
      machine.faultConditions().bring({ process, code, operations, left, untilUs });
      return { fault: name, process, detail: duration === 0 ? { times: 1 } : { forMs: duration } };
    },
    heal: (machine) => machine.conditions?.clear(),
  };
}

export const EIO = failing('eio', 'the disk fails to read, write or sync', 'one process', [
  'open',
  'read',
  'write',
  'fsync',
  'readdir',
]);
export const ENOSPC = failing('enospc', 'the disk is full: nothing can be written or created', 'everybody', [
  'write',
  'mkdir',
  'link',
  'symlink',
]);
export const EMFILE = failing('emfile', 'a process has too many open descriptors', 'one process', [
  'open',
  'opendir',
  'listen',
  'request',
  'connect',
]);
export const EACCES = failing(
  'eacces',
  'files cannot be opened, because of a virus scanner or a lost mount',
  'one process',
  ['open', 'opendir', 'unlink', 'rename'],
);

export const SHORT_WRITE: Fault = {
  name: 'short-write',
  about: 'the next write of a process writes only the first half, and returns its length',
  strike(machine) {
    const process = pickRunning(machine);
    if (process === null) return null;
    machine.faultConditions().shortenWrite(process);
    return { fault: 'short-write', process, detail: {} };
  },
  heal: (machine) => machine.conditions?.clear(),
};
