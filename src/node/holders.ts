import fs from 'node:fs';
import os from 'node:os';
import type { Holder } from '../ports/index.ts';
import { net } from './builtin.ts';
import { listPids } from './identity.ts';

export interface ListeningSocket {
  host: string;
  tcpPort: number;
  uid: number;
  inode: string;
}

const LISTEN = '0A';
const LINE =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) \S+ \S+ \S+\s+(\d+)\s+\d+\s+(\d+)/;

/** The listening sockets in /proc/net/tcp or tcp6. Lines of another form are skipped. */
export function parseListening(text: string): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  for (const line of text.split('\n')) {
    const [, host, port, state, uid, inode] = LINE.exec(line) ?? [];
    if (host === undefined || port === undefined || inode === undefined || state !== LISTEN) continue;
    sockets.push({ host: parseHost(host), tcpPort: Number.parseInt(port, 16), uid: Number(uid), inode });
  }
  return sockets;
}

/** The kernel prints each 32-bit word in the byte order of the machine. */
function parseHost(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (os.endianness() === 'LE') bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return new (net().SocketAddress)({ address: groups.join(':'), family: 'ipv6' }).address;
}

export function readListening(): ListeningSocket[] {
  return ['tcp', 'tcp6'].flatMap((name) => parseListening(read(`/proc/net/${name}`)));
}

export function readHolders(tcpPort: number): Holder[] {
  const sockets = readListening().filter((socket) => socket.tcpPort === tcpPort);
  if (sockets.length === 0) return [];
  return holdersOf(sockets, readSocketOwners(new Set(sockets.map(({ inode }) => inode))));
}

/** One entry for each process that has the socket open; `pid` is `null` if we may not read the descriptors of any holder. */
export function holdersOf(
  sockets: readonly ListeningSocket[],
  owners: ReadonlyMap<string, readonly number[]>,
): Holder[] {
  return sockets.flatMap(({ host, uid, inode }) =>
    (owners.get(inode) ?? [null]).map((pid): Holder => ({ pid, uid, host })),
  );
}

function readSocketOwners(inodes: ReadonlySet<string>): Map<string, number[]> {
  const owners = new Map<string, number[]>();
  for (const pid of listPids()) {
    const found = new Set<string>();
    for (const fd of list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(readlink(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) found.add(inode);
    }
    for (const inode of found) owners.set(inode, [...(owners.get(inode) ?? []), pid]);
  }
  return owners;
}

/** IPv6 may be disabled. */
function read(path: string): string {
  try {
    return fs.readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return '';
    throw error;
  }
}

/** Empty for a process of another user, and for one that has just ended. */
function list(path: string): string[] {
  try {
    return fs.readdirSync(path);
  } catch {
    return [];
  }
}

function readlink(path: string): string {
  try {
    return fs.readlinkSync(path);
  } catch {
    return '';
  }
}
