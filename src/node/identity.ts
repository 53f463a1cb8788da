import fs from 'node:fs';
import type { ProcessInfo } from '../ports/index.ts';
import { Failure } from './reply.ts';

/**
 * Linux's process table. All reads are synchronous: /proc answers from memory, and what is read in one turn is
 * as close to one moment as a process can get.
 */

export interface ProcStat {
  pid: number;
  comm: string;
  state: string;
  ppid: number;
  pgid: number;
  sid: number;
  startTicks: number;
  threads: number;
}

/** proc_pid_stat(5). The second field is what the process calls itself: it may hold blanks, parentheses, newlines. */
export function parseStat(text: string): ProcStat {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text
    .slice(close + 1)
    .trim()
    .split(' ');
  const [state, ppid, pgid, sid] = fields;
  const stat = {
    pid: Number.parseInt(text.slice(0, open), 10),
    comm: text.slice(open + 1, close),
    state: state ?? '',
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    startTicks: Number(fields[19]),
    threads: Number(fields[17]),
  };
  if (open < 0 || close < open || !Number.isInteger(stat.pid) || !Number.isInteger(stat.startTicks)) {
    throw new Error(`not a line of /proc/<pid>/stat: ${JSON.stringify(text.slice(0, 200))}`);
  }
  return stat;
}

/** The real user and the thread group from /proc/<pid>/status. */
export function parseStatus(text: string): { uid: number; tgid: number } {
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:[ \\t]*(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { uid: field('Uid'), tgid: field('Tgid') };
}

/** Words end in NUL. A process that wrote its own title leaves NULs after it, so empty words at the end are dropped. */
export function parseCommandLine(text: string): string[] {
  const words = text.replace(/\0+$/, '');
  return words === '' ? [] : words.split('\0');
}

export function stateOf(letter: string): ProcessInfo['state'] {
  if (letter === 'T' || letter === 't') return 'stopped';
  return letter === 'Z' || letter === 'X' || letter === 'x' ? 'zombie' : 'running';
}

/**
 * The state in /proc/<pid>/stat is the first thread's. That one is a zombie while others are on their way out (Node has
 * some ten), finish system calls and hold all descriptors: as long as sockets listen and locks are held, the process has not
 * ended, whatever its first thread has.
 */
function stateOfAll(letter: string, threads: number): ProcessInfo['state'] {
  const state = stateOf(letter);
  return state === 'zombie' && threads > 1 ? 'running' : state;
}

/** @throws ESRCH: no such process. EACCES: there is one, but the caller may not look (hidepid). */
export function readStat(pid: number): ProcStat {
  return parseStat(readProc(pid, 'stat'));
}

export function readProcessInfo(pid: number): ProcessInfo {
  for (;;) {
    const { ppid, pgid, sid, startTicks, state, threads } = readStat(pid);
    const { uid, tgid } = parseStatus(readProc(pid, 'status'));
    // Linux shows a thread under /proc when asked by number (it does not list it): no process bears that PID.
    if (tgid !== pid) throw new Failure('ESRCH');
    const command = readCommand(pid);
    if (readStat(pid).startTicks === startTicks) {
      return { pid, ppid, pgid, sid, uid, startTicks, state: stateOfAll(state, threads), command };
    }
  }
}

export function listPids(): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function readBootId(): string {
  return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

export function readPidNamespace(): string {
  return fs.readlinkSync('/proc/self/ns/pid');
}

function readProc(pid: number, name: string): string {
  if (!Number.isInteger(pid) || pid <= 0) throw new Failure('ESRCH');
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    throw isGone(error) ? new Failure(exists(pid) ? 'EACCES' : 'ESRCH') : error;
  }
}

function readCommand(pid: number): string[] {
  try {
    return parseCommandLine(readProc(pid, 'cmdline'));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ESRCH') throw error;
    return [];
  }
}

/** open(2) says ENOENT, read(2) on a file that was opened in time says ESRCH. */
function isGone(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOENT' || code === 'ESRCH';
}

/** Asks the kernel where /proc may be hiding the process (mount option hidepid). */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
