/**
 * Files below /proc, which the simulated machine has no inodes for. Each is answered by an operation that the machine has, when it is
 * opened; what is read of it afterwards is as it was then.
 */
import { posix } from 'node:path';
import { bytesToArray, encodeText, type Operation, type ProcessInfo, type Self } from '../ports/index.ts';
import type { SimProcess } from '../sim/index.ts';
import type { Entry } from './modules/disk.ts';
import { refuse } from './not-simulated.ts';

export interface ProcFile {
  readonly path: string;
  /** What is asked for it. ESRCH means that there is no such file. */
  readonly ask: Operation;
  readonly entryOf: (value: unknown) => Entry;
}

type Text = (value: unknown, process: SimProcess) => string;

const OF_PROCESS: Readonly<Record<string, Text>> = {
  cmdline: (value) => (value as ProcessInfo).command.map((word) => `${word}\0`).join(''),
  stat: (value) => {
    const { pid, ppid, pgid, sid, startTicks } = value as ProcessInfo;
    const before = [pid, `(${nameOf(value)})`, LETTERS[stateOf(value)], ppid, pgid, sid];
    // Terminal, flags, faults, times, priority, threads: up to the 21st field.
    const middle = [0, -1, 4194304, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 1, 0];
    return `${[...before, ...middle, startTicks, ...Array(30).fill(0)].join(' ')}\n`;
  },
  status: (value) => {
    const { pid, ppid, uid } = value as ProcessInfo;
    const words = { running: 'sleeping', stopped: 'stopped', zombie: 'zombie' };
    const state = `${LETTERS[stateOf(value)]} (${words[stateOf(value)]})`;
    const lines = { Name: nameOf(value), State: state, Tgid: pid, Pid: pid, PPid: ppid };
    const uids = `Uid:\t${[uid, uid, uid, uid].join('\t')}\n`;
    return `${Object.entries(lines)
      .map(([name, line]) => `${name}:\t${line}\n`)
      .join('')}${uids}`;
  },
};
const LETTERS = { running: 'S', stopped: 'T', zombie: 'Z' } as const;

/** Below /proc, and not of a process. */
const OTHERS: Readonly<Record<string, readonly [Operation, (value: unknown) => string]>> = {
  '/proc/sys/kernel/random/boot_id': [{ op: 'self' }, (value) => `${(value as Self).bootId}\n`],
  '/proc/sys/kernel/hostname': [{ op: 'self' }, (value) => `${(value as Self).hostname}\n`],
  '/proc/uptime': [
    { op: 'clock', which: 'monotonic' },
    (value) => `${((value as number) / 1000).toFixed(2)} 0.00\n`,
  ],
};

/**
 * @param path absolute
 * @returns `null` if it is not below /proc
 * @throws GuestError for what is not simulated
 */
export function procFile(path: string, process: SimProcess): ProcFile | null {
  if (path !== '/proc' && !path.startsWith('/proc/')) return null;
  if (path === '/proc') return { path, ask: { op: 'listProcesses' }, entryOf: listOf };
  const other = Object.hasOwn(OTHERS, path) ? OTHERS[path] : undefined;
  if (other !== undefined) return { path, ask: other[0], entryOf: (value) => fileOf(other[1](value)) };
  const [, who = '', rest] = /^\/proc\/(self|\d+)(?:\/(.*))?$/.exec(path) ?? [];
  if (who === '') refuse(`the file ${path}`);
  const pid = who === 'self' ? process.pid : Number(who);
  const ask: Operation = { op: 'processInfo', pid };
  if (rest === undefined) return { path, ask, entryOf: () => folderOf(Object.keys(OF_PROCESS)) };
  if (rest === 'environ' && pid === process.pid)
    return { path, ask, entryOf: () => fileOf(environmentOf(process)) };
  const text = Object.hasOwn(OF_PROCESS, rest) ? OF_PROCESS[rest]! : refuse(`the file ${path}`);
  return { path, ask, entryOf: (value) => fileOf(text(value, process)) };
}

/** That with which it was started. */
function environmentOf({ env }: SimProcess): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}\0`)
    .join('');
}

function listOf(value: unknown): Entry {
  return folderOf((value as readonly number[]).map(String), 'directory');
}

function folderOf(names: readonly string[], kind: 'file' | 'directory' = 'file'): Entry {
  return { kind: 'directory', entries: names.map((name) => ({ name, kind })) };
}

function fileOf(text: string): Entry {
  return { kind: 'file', data: bytesToArray(encodeText(text)) };
}

/** As in the kernel: 15 bytes of the program's name. */
function nameOf(value: unknown): string {
  const [first = ''] = (value as ProcessInfo).command;
  return posix.basename(first).slice(0, 15);
}

function stateOf(value: unknown): ProcessInfo['state'] {
  return (value as ProcessInfo).state;
}
