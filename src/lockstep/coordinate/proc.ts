/** What /proc tells of a process. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readStat, stateOf } from '../../node/identity.ts';
import type { ProcessState } from '../script.ts';

/** @param startTicks that of the process that is meant: with another one it is gone */
export function stateNow(pid: number, startTicks?: number): ProcessState | 'ending' {
  try {
    const stat = readStat(pid);
    if (startTicks !== undefined && stat.startTicks !== startTicks) return 'gone';
    const state = stateOf(stat.state);
    // The first thread has ended, and others still hold its descriptors.
    return state === 'zombie' && stat.threads > 1 ? 'ending' : state;
  } catch {
    return 'gone';
  }
}

export function hasEnded(state: ProcessState | 'ending'): boolean {
  return state === 'zombie' || state === 'gone';
}

export function pidNamespaceOf(pid: number | 'self'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

/** The PID of a process in its own namespace. */
export function innerPidOf(pid: number): number {
  try {
    const [, inner] = /^NSpid:.*\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return inner === undefined ? pid : Number(inner);
  } catch {
    return pid;
  }
}

/** Our PID of a process that another namespace calls `inner`; -1: there is none. */
export function outerPidOf(namespace: string | null, inner: number): number {
  if (namespace === null || namespace === pidNamespaceOf('self')) return inner;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    if (pidNamespaceOf(pid) === namespace && innerPidOf(pid) === inner) return pid;
  }
  return -1;
}

export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}
