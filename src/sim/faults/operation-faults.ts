import type { ErrorCode, OperationName } from '../../ports/index.ts';
import { type Fault, type FaultName, pick, pickProcess } from './fault.ts';

/** An error that operations of files give for a while. */
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
    // Once; or for a second, whatever is tried.
    defaults: { forMs: [0, 1_000] },
    strike(machine, { forMs }) {
      const process = whose === 'everybody' ? null : pickProcess(machine, () => true);
      if (whose !== 'everybody' && process === null) return null;
      const duration = pick(machine, forMs)!;
      const left = duration === 0 ? 1 : Number.POSITIVE_INFINITY;
      const untilUs = duration === 0 ? Number.POSITIVE_INFINITY : machine.nowUs + duration * 1000;
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
export const ENOSPC = failing('enospc', 'the disk is full: nothing can be written or made', 'everybody', [
  'write',
  'mkdir',
  'link',
  'symlink',
]);
export const EMFILE = failing('emfile', 'a process has too many descriptors open', 'one process', [
  'open',
  'opendir',
  'listen',
  'request',
  'connect',
]);
export const EACCES = failing(
  'eacces',
  'a file cannot be opened: a virus scanner, a lost mount',
  'one process',
  ['open', 'opendir', 'unlink', 'rename'],
);

export const SHORT_WRITE: Fault = {
  name: 'short-write',
  about: 'the next write of a process writes the first half of what it is asked to, and says so',
  strike(machine) {
    const process = pickProcess(machine, () => true);
    if (process === null) return null;
    machine.faultConditions().shortenWrite(process);
    return { fault: 'short-write', process, detail: {} };
  },
  heal: (machine) => machine.conditions?.clear(),
};
