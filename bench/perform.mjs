import { SystemError } from '../build/ports/index.js';
import { isErrno } from '../build/sim/base/errno.js';

/** What the filesystem needs to know about a process. */
export function callerOf(pid) {
  return { pid, uid: 0, gid: 0, cwd: '/', umask: 0o022, fds: new Map(), maxFds: 1024 };
}

/** Executes an operation of the race on a filesystem, without the rest of a machine. */
export function settle(fs, process, operation, resolve, reject) {
  const result = perform(fs, process, operation);
  if (isErrno(result)) reject(new SystemError(result.code, operation));
  else resolve(result);
}

function perform(fs, process, operation) {
  return operation.op === 'self' ? { pid: process.pid } : fs.call(process, operation);
}
