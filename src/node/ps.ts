import type { Holder, ProcessInfo } from '../ports/index.ts';
import { childProcess } from './builtin.ts';
import { stateOf } from './identity.ts';
import { Failure } from './reply.ts';

/** macOS has no /proc: best effort with ps, lsof and sysctl. */

const COLUMNS = 'pid=,ppid=,pgid=,uid=,state=,lstart=,command=';
const LINE =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+([A-Za-z])\S*\s+(\w{3} \w{3} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4})(?:\s+(.*))?$/;

/**
 * Finds a PID in the output of ps. Lines of another form are skipped, such as the continuation of a command that contains
 * newlines. The session is not available, so it is set to the group. The start time has a resolution of a second and counts from
 * the epoch: it identifies a process, but is not a duration.
 */
export function parsePs(text: string, pid: number): ProcessInfo | null {
  for (const line of text.split('\n')) {
    const [, id, ppid, pgid, uid, state, started, command] = LINE.exec(line) ?? [];
    const startedMs = Date.parse(`${started} UTC`);
    if (Number(id) !== pid || state === undefined || Number.isNaN(startedMs)) continue;
    return {
      pid,
      ppid: Number(ppid),
      pgid: Number(pgid),
      sid: Number(pgid),
      uid: Number(uid),
      startTicks: startedMs / 10,
      state: stateOf(state),
      command: state === 'Z' ? [] : (command ?? '').split(/\s+/).filter((word) => word !== ''),
    };
  }
  return null;
}

export function parsePids(text: string): number[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
}

/** Parses `lsof -F pun`: one letter and value per line; p starts a process, f one of its files. */
export function parseLsof(text: string): Holder[] {
  const holders: Holder[] = [];
  let pid: number | null = null;
  let uid = -1;
  for (const line of text.split('\n')) {
    const value = line.slice(1).trim();
    if (/^p\d+$/.test(line)) {
      pid = Number(value);
      uid = -1;
    } else if (/^u\d+$/.test(line)) {
      uid = Number(value);
    } else if (pid !== null && /^n\S+:\d+$/.test(line)) {
      const host = value.slice(0, value.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
      holders.push({ pid, uid, host: host === '*' ? '0.0.0.0' : host });
    }
  }
  return holders;
}

export function psProcessInfo(pid: number): ProcessInfo {
  if (!Number.isInteger(pid) || pid <= 0) throw new Failure('ESRCH');
  const info = parsePs(run('ps', ['-ww', '-o', COLUMNS, '-p', String(pid)]), pid);
  if (info === null) throw new Failure('ESRCH');
  return info;
}

/** The end of a value that contains spaces is where the next variable seems to begin. */
export function parseVariable(text: string, name: string): string | null {
  const from = ` ${text}`.indexOf(` ${name}=`);
  if (from < 0) return null;
  const rest = text.slice(from + name.length + 1).trimEnd();
  const next = / [A-Za-z_][A-Za-z0-9_]*=/.exec(rest);
  return next === null ? rest : rest.slice(0, next.index);
}

/** macOS prints the environment after the command, for processes of the same user only. */
export function psVariable(pid: number, name: string): string | null {
  psProcessInfo(pid);
  return parseVariable(run('ps', ['-Eww', '-o', 'command=', '-p', String(pid)]), name);
}

export function psListPids(): number[] {
  return parsePids(run('ps', ['-axo', 'pid=']));
}

export function lsofHolders(tcpPort: number): Holder[] {
  return parseLsof(run('lsof', ['-nP', `-iTCP:${tcpPort}`, '-sTCP:LISTEN', '-F', 'pun']));
}

export function sysctlBootId(): string {
  return run('sysctl', ['-n', 'kern.bootsessionuuid']).trim();
}

/** The output of the tool, even if it failed because it found nothing. */
function run(command: string, args: readonly string[]): string {
  const options = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } } as const;
  try {
    return childProcess().execFileSync(command, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    const { stdout } = error as { stdout?: unknown };
    if (typeof stdout === 'string') return stdout;
    throw error;
  }
}
