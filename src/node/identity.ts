import fs from 'node:fs';
import type { ProcessInfo } from '../ports/index.ts';
import { Failure } from './reply.ts';

/**
 * Linux's process table. All reads are synchronous: /proc is in memory, and reads in the same turn are as consistent as
 * a process can get.
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

/** Parses proc_pid_stat(5). The process chooses the second field: it may contain spaces, parentheses and newlines. */
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

/** The real user ID and the thread group from /proc/<pid>/status. */
export function parseStatus(text: string): { uid: number; tgid: number } {
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:[ \\t]*(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { uid: field('Uid'), tgid: field('Tgid') };
}

/** Splits at NULs. A process that has set its title leaves NULs after it, so empty words at the end are dropped. */
export function parseCommandLine(text: string): string[] {
  const words = text.replace(/\0+$/, '');
  return words === '' ? [] : words.split('\0');
}

export function stateOf(letter: string): ProcessInfo['state'] {
  // Not `t`: a debugger holds it for a moment, which is not a signal.
  if (letter === 'T') return 'stopped';
  return letter === 'Z' || letter === 'X' || letter === 'x' ? 'zombie' : 'running';
}

/**
 * The state in /proc/<pid>/stat is that of the first thread, which may be a zombie while other threads (Node has about ten) still
 * finish system calls and hold all descriptors. As long as sockets listen and locks are held, the process
 * has not ended.
 */
function stateOfAll(letter: string, threads: number): ProcessInfo['state'] {
  const state = stateOf(letter);
  return state === 'zombie' && threads > 1 ? 'running' : state;
}

/** @throws ESRCH if there is no such process; EACCES if it exists but the caller may not inspect it (hidepid) */
export function readStat(pid: number): ProcStat {
  return parseStat(readProc(pid, 'stat'));
}

export function readProcessInfo(pid: number): ProcessInfo {
  for (;;) {
    const { ppid, pgid, sid, startTicks, state, threads } = readStat(pid);
    const { uid, tgid } = parseStatus(readProc(pid, 'status'));
    // /proc/<tid> exists for threads too, although it is not listed: this number is not a PID.
    if (tgid !== pid) throw new Failure('ESRCH');
    const command = readCommand(pid);
    if (readStat(pid).startTicks === startTicks) {
      return { pid, ppid, pgid, sid, uid, startTicks, state: stateOfAll(state, threads), command };
    }
  }
}

/**
 * A variable of the environment with which a process was started; `null` if there is none. Also of one that is ending, or in the midst of
 * execve(2): such a process has no environment.
 *
 * @throws ESRCH if there is no such process; EACCES if it belongs to another user
 */
export function readVariable(pid: number, name: string): string | null {
  const words = `\0${readProc(pid, 'environ')}`;
  const before = `\0${name}=`;
  const at = words.indexOf(before);
  if (at < 0) return null;
  const from = at + before.length;
  const to = words.indexOf('\0', from);
  return words.slice(from, to < 0 ? undefined : to);
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

/**
 * The PID namespace in which start times are comparable: in a time namespace of its own, a process sees all start times shifted by
 * the offset of the boot clock.
 */
export function readPidNamespace(): string {
  const offsetS = bootOffsetS(readIfThere('/proc/self/timens_offsets'));
  const namespace = fs.readlinkSync('/proc/self/ns/pid');
  return offsetS === 0 ? namespace : `${namespace}, boot time shifted by ${offsetS} s`;
}

/** Parses /proc/self/timens_offsets: a line for each clock, with seconds and nanoseconds. 0 without time namespaces. */
export function bootOffsetS(text: string): number {
  const [, seconds, nanoseconds] = /^boottime\s+(-?\d+)\s+(-?\d+)$/m.exec(text) ?? [];
  return seconds === undefined ? 0 : Number(seconds) + Number(nanoseconds) / 1e9;
}

/** Kernels without time namespaces do not have the file. */
function readIfThere(path: string): string {
  try {
    return fs.readFileSync(path, 'latin1');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

function readProc(pid: number, name: string): string {
  if (!Number.isInteger(pid) || pid <= 0) throw new Failure('ESRCH');
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    // EPERM with hidepid=1, ENOENT with hidepid=2.
    const { code } = error as { code?: unknown };
    if (code === 'EPERM' || code === 'EACCES') throw new Failure('EACCES');
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

/** open(2) fails with ENOENT; read(2) of a file opened before the end fails with ESRCH. */
function isGone(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOENT' || code === 'ESRCH';
}

/** Uses kill(2), since /proc may hide the process (mount option hidepid). */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
