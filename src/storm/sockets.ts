/** Who listens, by the tables of the kernel: sockets, and the processes that have them open. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Endpoint } from '../judge/index.ts';
import { readListening } from '../node/holders.ts';
import type { Tracked } from './watch.ts';

export interface Listener {
  readonly endpoint: Endpoint;
  readonly inode: number;
  /** The oldest of the processes that have it open. */
  readonly holder: Tracked;
}

/** `Num RefCount Protocol Flags Type St Inode Path`; the flag says that it accepts connections. */
const UNIX_LISTENING = /^\S+: \S+ \S+ 00010000 \S+ \S+\s+(\d+) (.+)$/;

/** The listening sockets of these processes, in the order in which they were made. */
export function listenersOf(processes: readonly Tracked[]): Listener[] {
  const sockets = new Map<number, Endpoint>();
  for (const { tcpPort, inode } of readListening()) sockets.set(Number(inode), { tcpPort });
  for (const line of textOf('/proc/net/unix').split('\n')) {
    const [, inode, path] = UNIX_LISTENING.exec(line) ?? [];
    if (inode !== undefined) sockets.set(Number(inode), { path: path! });
  }
  if (sockets.size === 0) return [];
  const found = new Map<number, Listener>();
  for (const holder of processes)
    for (const inode of socketsOf(holder.pid)) {
      const endpoint = sockets.get(inode);
      if (endpoint === undefined) continue;
      const other = found.get(inode)?.holder;
      if (other !== undefined && !isOlder(holder, other)) continue;
      found.set(inode, { endpoint: absolute(endpoint, holder.pid), inode, holder });
    }
  return [...found.values()].sort((a, b) => a.inode - b.inode);
}

/** Whether it has any socket open. */
export function hasSockets(pid: number): boolean {
  return socketsOf(pid).length > 0;
}

function isOlder(a: Tracked, b: Tracked): boolean {
  return a.startTicks === b.startTicks ? a.startedAtMs < b.startedAtMs : a.startTicks < b.startTicks;
}

function socketsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [Number(inode)];
    });
  } catch {
    return [];
  }
}

/** A path as it was bound may be relative; one that begins with @ is no file. */
function absolute(endpoint: Endpoint, pid: number): Endpoint {
  if ('tcpPort' in endpoint || /^[/@]/.test(endpoint.path)) return endpoint;
  return { path: resolve(linkOf(`/proc/${pid}/cwd`) || '/', endpoint.path) };
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
