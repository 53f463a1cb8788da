import type { ErrorCode, OperationName } from '../../ports/index.ts';
import { type Fault, type FaultName, pick, pickRunning } from './fault.ts';

/** An error with which operations fail for a while. */
function failing(
  name: FaultName,
  code: ErrorCode,
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
      machine.faultConditions().bring({ process, code, operations, left, untilUs });
      return { fault: name, process, detail: duration === 0 ? { times: 1 } : { forMs: duration } };
    },
    heal: (machine) => machine.conditions?.clear(),
  };
}

export const EIO = failing('eio', 'EIO', 'the disk fails to read, write or sync', 'one process', [
  'open',
  'read',
  'write',
  'fsync',
  'readdir',
]);
export const ENOSPC = failing(
  'enospc',
  'ENOSPC',
  'the disk is full: nothing can be written or created',
  'everybody',
  ['write', 'mkdir', 'link', 'symlink'],
);
export const EMFILE = failing('emfile', 'EMFILE', 'a process has too many open descriptors', 'one process', [
  'open',
  'opendir',
  'listen',
  'request',
  'connect',
  'connectStream',
  'acceptStream',
  'pipe',
  'socketpair',
]);
export const EACCES = failing(
  'eacces',
  'EACCES',
  'files cannot be opened, because of a virus scanner or a lost mount',
  'one process',
  ['open', 'opendir', 'unlink', 'rename'],
);

/** As at the limit of a user (RLIMIT_NPROC), of a group (pids.max) or of the machine: fork(2) fails with EAGAIN. */
export const SPAWN_FAILS = failing(
  'spawn-fails',
  'EAGAIN',
  'no process can be started: there are too many',
  'everybody',
  ['spawn'],
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
