/** Where an inherited socket listens that this process has not accepted from yet: Node cannot be asked before it does. */
import fs from 'node:fs';
import type { Address } from '../ports/index.ts';
import { readListening } from './holders.ts';
import { Failure } from './reply.ts';

/** Linux only: elsewhere ENOSYS. @throws EBADF, ENOTSOCK */
export function inheritedAddress(fd: number): Address {
  const stat = fs.fstatSync(fd);
  if (!stat.isSocket()) throw new Failure('ENOTSOCK');
  if (process.platform !== 'linux') throw new Failure('ENOSYS');
  const inode = String(stat.ino);
  const tcp = readListening().find((socket) => socket.inode === inode);
  if (tcp !== undefined) return { kind: 'tcp', host: tcp.host, tcpPort: tcp.tcpPort };
  const path = unixPath(fs.readFileSync('/proc/net/unix', 'utf8'), inode);
  if (path === null) throw new Failure('ENOTSOCK');
  return { kind: 'unix', path };
}

/** Of /proc/net/unix: the seventh column is the inode, the path follows it. Null: none. */
function unixPath(text: string, inode: string): string | null {
  for (const line of text.split('\n')) {
    const [, found, path] = /^\S+: (?:\S+ +){5}(\d+) (.*)$/.exec(line) ?? [];
    if (found === inode) return path ?? '';
  }
  return null;
}
