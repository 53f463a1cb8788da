import { SystemError } from '../dist/ports/index.js';
import { isErrno } from '../dist/sim/kernel/errno.js';

/** What the filesystem has to know of a process. */
export function callerOf(pid) {
  return { pid, uid: 0, gid: 0, cwd: '/', umask: 0o022, fds: new Map(), maxFds: 1024 };
}

/** An operation of the race on a filesystem, with nothing else of a machine. */
export function settle(fs, process, operation, resolve, reject) {
  const result = perform(fs, process, operation);
  if (isErrno(result)) reject(new SystemError(result.code, operation));
  else resolve(result);
}

function perform(fs, process, operation) {
  const { path, fd } = operation;
  switch (operation.op) {
    case 'self':
      return { pid: process.pid };
    case 'mkdir':
      return fs.mkdir(process, path, operation.mode);
    case 'open':
      return fs.open(process, path, operation.flags, operation.mode);
    case 'read':
      return fs.read(process, fd, operation.length, operation.position);
    case 'write':
      return fs.write(process, fd, operation.data, operation.position);
    case 'close':
      return fs.close(process, fd);
    case 'stat':
      return fs.stat(process, path);
    case 'unlink':
      return fs.unlink(process, path);
    default:
      throw new Error(`the race does not use ${operation.op}`);
  }
}
