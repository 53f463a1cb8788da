/**
 * The address of an inherited socket. Node has no object for it until this process accepts from it, and of a Unix socket it does not know
 * the path even then.
 */
import fs from 'node:fs';
import type { Address } from '../ports/index.ts';
import { readListening } from './holders.ts';
import { nameOfInherited } from './inherited-names.ts';
import { Failure } from './reply.ts';

/** Linux only. @throws EBADF, ENOTSOCK; ENOSYS on other systems */
export function inheritedAddress(fd: number): Address {
  const stat = fs.fstatSync(fd);
  if (!stat.isSocket()) throw new Failure('ENOTSOCK');
  if (process.platform !== 'linux') throw new Failure('ENOSYS');
  const inode = String(stat.ino);
  const tcp = readListening().find((socket) => socket.inode === inode);
  if (tcp !== undefined) return { kind: 'tcp', host: tcp.host, tcpPort: tcp.tcpPort };
  const path = unixPath(fs.readFileSync('/proc/net/unix', 'utf8'), inode);
  if (path === null) throw new Failure('ENOTSOCK');
  return { kind: 'unix', path: nameOfInherited(inode, path) };
}

/** Parses /proc/net/unix: the seventh column is the inode, followed by the path, as it is. `null` if there is no such inode. */
function unixPath(text: string, inode: string): string | null {
  // A path may contain a newline.
  for (const line of text.replace(/\n$/, '').split(/\n(?=[\da-f]{8,16}: [\da-f]{8} )/i)) {
    const [, found, path] = /^\S+: (?:\S+ +){5}(\d+)(?: (.*))?$/s.exec(line) ?? [];
    if (found === inode) return path ?? '';
  }
  return null;
}
