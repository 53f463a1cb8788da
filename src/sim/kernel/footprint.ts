import { type Address, OPEN } from '../../ports/index.ts';
import { isListener } from '../syscalls/listeners.ts';
import { DirectoryDescription, FileDescription } from '../vfs/index.ts';
import type { ParkedOperation, SimProcess } from './process.ts';

/** What an operation touches that others may touch too. By name: good enough to steer a search, not to prove anything. */
export interface Footprint {
  /** Paths (with a slash at the end: the list of a directory), `pid 1002`, `processes`, `:49152`. */
  readonly resources: readonly string[];
  /** It may change them. */
  readonly writes: boolean;
}

export const NO_FOOTPRINT: Footprint = { resources: [], writes: false };

/** Whether the order of two operations may make a difference to anybody. */
export function conflict(a: Footprint, b: Footprint): boolean {
  return (a.writes && meets(a, b)) || (b.writes && meets(b, a));
}

/** Whether the one that writes touches what the other one looks at. */
function meets(writer: Footprint, other: Footprint): boolean {
  for (const written of writer.resources) {
    for (const seen of other.resources) {
      if (seen === written || (seen.endsWith('/') && seen === parentOf(written))) return true;
    }
  }
  return false;
}

export function footprintOf({ process, operation }: ParkedOperation): Footprint {
  switch (operation.op) {
    case 'open':
      return {
        resources: [pathOf(process, operation.path)],
        writes: (operation.flags & (OPEN.O_CREAT | OPEN.O_TRUNC)) !== 0,
      };
    case 'stat':
    case 'lstat':
    case 'access':
    case 'readlink':
    case 'realpath':
      return reading(pathOf(process, operation.path));
    case 'chmod':
    case 'chown':
    case 'utimes':
    case 'unlink':
    case 'mkdir':
    case 'rmdir':
    case 'symlink':
      return writing(pathOf(process, operation.path));
    case 'link':
    case 'rename':
      return writing(pathOf(process, operation.from), pathOf(process, operation.to));
    case 'opendir':
      return reading(`${pathOf(process, operation.path)}/`);
    case 'read':
    case 'fstat':
    case 'readdir':
      return ofDescriptor(process, operation.fd, reading);
    case 'write':
    case 'ftruncate':
    case 'fchmod':
    case 'futimes':
      return ofDescriptor(process, operation.fd, writing);
    case 'close':
      return isListener(process.fds.get(operation.fd))
        ? ofDescriptor(process, operation.fd, writing)
        : NO_FOOTPRINT;
    case 'processInfo':
    case 'wait':
      return reading(`pid ${operation.pid}`);
    case 'kill':
      return operation.signal === 0 ? reading(`pid ${operation.pid}`) : writing(`pid ${operation.pid}`);
    case 'listProcesses':
      return reading('processes');
    case 'spawn':
      return writing('processes');
    case 'exit':
      return writing('processes', `pid ${process.pid}`);
    case 'setTitle':
    case 'sigaction':
      return writing(`pid ${process.pid}`);
    case 'listen':
    case 'request':
      return writing(nameOf(operation.address));
    case 'connect':
      return reading(nameOf(operation.address));
    case 'getsockname':
      return ofDescriptor(process, operation.fd, reading);
    case 'holders':
      return reading(`:${operation.tcpPort}`);
    default:
      return NO_FOOTPRINT;
  }
}

function reading(...resources: string[]): Footprint {
  return { resources, writes: false };
}

function writing(...resources: string[]): Footprint {
  return { resources, writes: true };
}

function ofDescriptor(process: SimProcess, fd: number, kind: (name: string) => Footprint): Footprint {
  const description = process.fds.get(fd);
  if (description instanceof FileDescription) return kind(pathOf(process, description.path));
  if (description instanceof DirectoryDescription) return kind(`${pathOf(process, description.path)}/`);
  return isListener(description) ? kind(nameOf(description.address)) : NO_FOOTPRINT;
}

function pathOf({ cwd }: SimProcess, path: string): string {
  return path.startsWith('/') ? path : `${cwd}/${path}`;
}

function nameOf(address: Address): string {
  return address.kind === 'unix' ? address.path : `:${address.tcpPort}`;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
