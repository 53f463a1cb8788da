/** Commands that look at the process table: ps, pgrep, pkill. */
import { isSystemError, type ProcessInfo, type Signal } from '../../../ports/index.ts';
import type { Model, Shell } from '../model.ts';
import { signalNamed } from './built-in.ts';

/** What can be seen, by PID. Each is looked up in an operation of its own, as ps reads `/proc`. */
async function visible({ ports }: Shell): Promise<ProcessInfo[]> {
  const found: ProcessInfo[] = [];
  for (const pid of await ports.process.list()) {
    const info = await infoOf(ports, pid);
    if (info !== null) found.push(info);
  }
  return found;
}

async function infoOf(ports: Shell['ports'], pid: number): Promise<ProcessInfo | null> {
  try {
    return await ports.process.info(pid);
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

interface Row {
  readonly info: ProcessInfo;
  readonly startedMs: number;
  readonly nowMs: number;
}

interface Column {
  readonly title: string;
  readonly value: (row: Row) => string;
}

const STATES = { running: 'S', stopped: 'T', zombie: 'Z' } as const;
const nameOf = ({ command }: ProcessInfo): string => (command[0] ?? '').split('/').at(-1)!.slice(0, 15);
const linesOf = (info: ProcessInfo): string =>
  info.command.length > 0
    ? info.command.join(' ')
    : `[${nameOf(info)}]${info.state === 'zombie' ? ' <defunct>' : ''}`;
const secondsOf = ({ nowMs, startedMs }: Row): number => Math.max(0, Math.floor((nowMs - startedMs) / 1000));
const two = (value: number): string => String(value).padStart(2, '0');

function elapsed(row: Row): string {
  const seconds = secondsOf(row);
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24];
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (days > 0) return `${days}-${two(hours)}:${rest}`;
  return hours > 0 ? `${two(hours)}:${rest}` : rest;
}

/** `Tue Dec  1 11:25:23 2026`, in UTC, which is the time zone of the simulated machine. */
function longStart({ startedMs }: Row): string {
  const [day, date, month, year, time] = new Date(startedMs).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`;
}

const of = (title: string, value: Column['value']): Column => ({ title, value });
const user = ({ info }: Row): string => (info.uid === 0 ? 'root' : `user${info.uid}`);
const zero = (): string => '0';

const COLUMNS: Readonly<Record<string, Column>> = {
  pid: of('PID', ({ info }) => String(info.pid)),
  ppid: of('PPID', ({ info }) => String(info.ppid)),
  // Each user has a group of the same number.
  gid: of('GID', ({ info }) => String(info.uid)),
  egid: of('EGID', ({ info }) => String(info.uid)),
  rgid: of('RGID', ({ info }) => String(info.uid)),
  pgid: of('PGID', ({ info }) => String(info.pgid)),
  pgrp: of('PGRP', ({ info }) => String(info.pgid)),
  sid: of('SID', ({ info }) => String(info.sid)),
  sess: of('SESS', ({ info }) => String(info.sid)),
  uid: of('UID', ({ info }) => String(info.uid)),
  user: of('USER', user),
  uname: of('USER', user),
  euser: of('EUSER', user),
  stat: of('STAT', ({ info }) => `${STATES[info.state]}${info.sid === info.pid ? 's' : ''}`),
  state: of('S', ({ info }) => STATES[info.state]),
  s: of('S', ({ info }) => STATES[info.state]),
  comm: of('COMMAND', ({ info }) => nameOf(info)),
  ucmd: of('CMD', ({ info }) => nameOf(info)),
  command: of('COMMAND', ({ info }) => linesOf(info)),
  args: of('COMMAND', ({ info }) => linesOf(info)),
  cmd: of('CMD', ({ info }) => linesOf(info)),
  lstart: of('STARTED', longStart),
  start: of('STARTED', (row) => longStart(row).slice(11, 19)),
  stime: of('STIME', (row) => longStart(row).slice(11, 16)),
  etime: of('ELAPSED', elapsed),
  etimes: of('ELAPSED', (row) => String(secondsOf(row))),
  time: of('TIME', () => '00:00:00'),
  tty: of('TT', () => '?'),
  tt: of('TT', () => '?'),
  pcpu: of('%CPU', () => '0.0'),
  '%cpu': of('%CPU', () => '0.0'),
  pmem: of('%MEM', () => '0.1'),
  '%mem': of('%MEM', () => '0.1'),
  rss: of('RSS', ({ info }) => (info.state === 'zombie' ? '0' : '48000')),
  vsz: of('VSZ', ({ info }) => (info.state === 'zombie' ? '0' : '600000')),
  c: of('C', zero),
};

const SHORT = ['pid', 'tty', 'time', 'ucmd'];
const FULL = ['user', 'pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd'];
const BSD = ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tty', 'stat', 'stime', 'time', 'command'];

interface Wanted {
  readonly columns: readonly { readonly column: Column; readonly title: string }[];
  readonly selects: (info: ProcessInfo) => boolean;
}

/** `ps [aux] [-e|-A] [-f] [-p PIDS] [--ppid PIDS] [-u UID] [-C NAME] [-o COLUMNS] [-ww]` */
export const ps: Model = async (shell) => {
  const { ports, out } = shell;
  const { columns, selects } = wantedOf(shell);
  const self = await ports.process.self();
  const nowMs = await ports.clock.wallMs();
  const rows: string[][] = [];
  for (const info of await visible(shell)) {
    if (!selects(info)) continue;
    // The process itself has just started.
    const row = { info, nowMs, startedMs: nowMs - (self.startTicks - info.startTicks) * 10 };
    rows.push(columns.map(({ column }) => column.value(row)));
  }
  const titles = columns.map(({ title }) => title);
  const table = titles.some((title) => title !== '') ? [titles, ...rows] : rows;
  const widths = columns.map((_, at) => Math.max(...table.map((line) => line[at]!.length)));
  await out(table.map((line) => `${lineOf(line, widths)}\n`).join(''));
  return rows.length > 0 ? 0 : 1;
};

function lineOf(line: readonly string[], widths: readonly number[]): string {
  return line.map((value, at) => (at === line.length - 1 ? value : value.padStart(widths[at]!))).join(' ');
}

function wantedOf(shell: Shell): Wanted {
  const columns: { column: Column; title: string }[] = [];
  const tests: ((info: ProcessInfo) => boolean)[] = [];
  let usual = SHORT;
  let all = false;
  let hasTitles = true;
  const column = (name: string, title?: string): void => {
    const found = COLUMNS[name] ?? shell.refuse(`the column ${name}`);
    columns.push({ column: found, title: title ?? found.title });
  };
  const { args } = shell;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    const joined = /^(-[opuC]|--(?:pid|ppid|format|sort|user)=?|-p)(.+)?$/.exec(word);
    const value = (): string => joined?.[2] ?? args[++at] ?? '';
    const numbers = (): Set<number> =>
      new Set(
        value()
          .split(/[\s,]+/)
          .map(Number),
      );
    const flag = joined?.[1]?.replace(/=$/, '') ?? word;
    if (flag === '-o' || flag === '--format' || flag === 'o') {
      for (const each of value().split(/[\s,]+/)) {
        const [name = '', title] = each.split('=');
        column(name, title);
      }
    } else if (flag === '-p' || flag === '--pid' || flag === 'p') {
      const pids = numbers();
      tests.push(({ pid }) => pids.has(pid));
    } else if (flag === '--ppid') {
      const pids = numbers();
      tests.push(({ ppid }) => pids.has(ppid));
    } else if (flag === '-C') {
      const names = value().split(',');
      tests.push((info) => names.includes(nameOf(info)));
    } else if (flag === '-u' || flag === '--user') {
      const uids = new Set(
        value()
          .split(',')
          .map((name) => (name === 'root' ? 0 : Number(name.replace(/^user/, '')))),
      );
      tests.push(({ uid }) => uids.has(uid));
    } else if (/^\d+$/.test(word)) tests.push(({ pid }) => pid === Number(word));
    else if (/^-?[aAexfwuh]+o?$/.test(word)) {
      if (/^-.*f|^-f/.test(word)) usual = FULL;
      if (!word.startsWith('-') && word.includes('u')) usual = BSD;
      if (/[Aeax]/.test(word)) all = true;
      if (word.includes('h')) hasTitles = false;
      if (word.endsWith('o')) {
        for (const each of (args[++at] ?? '').split(/[\s,]+/)) {
          const [name = '', title] = each.split('=');
          column(name, title);
        }
      }
    } else if (flag === '--no-headers') hasTitles = false;
    else shell.refuse(`the option ${word}`);
  }
  if (columns.length === 0) for (const name of usual) column(name);
  if (!hasTitles) for (const each of columns) each.title = '';
  const selects = (info: ProcessInfo): boolean => {
    if (tests.length > 0) return tests.some((test) => test(info));
    return all || info.pid === shell.pid || info.pid === shell.ppid;
  };
  return { columns, selects };
}

interface Matched {
  readonly found: readonly ProcessInfo[];
  readonly signal: Signal | 0;
  readonly options: ReadonlySet<string>;
}

/** `pgrep [-f] [-x] [-l] [-a] [-n] [-o] [-P PPID] [-u UID] PATTERN` */
async function matching(shell: Shell): Promise<Matched> {
  const options = new Set<string>();
  const tests: ((info: ProcessInfo) => boolean)[] = [];
  let signal: Signal | 0 = 'SIGTERM';
  let pattern: string | undefined;
  const { args } = shell;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === '-P' || word === '-u' || word === '-U') {
      const numbers = new Set(
        (args[++at] ?? '').split(',').map((each) => (each === 'root' ? 0 : Number(each))),
      );
      tests.push((info) => numbers.has(word === '-P' ? info.ppid : info.uid));
    } else if (/^-[fxlano]+$/.test(word)) for (const each of word.slice(1)) options.add(each);
    else if (word === '--') pattern = args[++at];
    else if (shell.name === 'pkill' && word.startsWith('-')) signal = signalNamed(shell, word.slice(1));
    else if (word.startsWith('-')) shell.refuse(`the option ${word}`);
    else pattern = word;
  }
  if (pattern !== undefined) {
    const expression = new RegExp(options.has('x') ? `^(?:${pattern})$` : pattern);
    tests.push((info) => expression.test(options.has('f') ? info.command.join(' ') : nameOf(info)));
  }
  if (tests.length === 0) shell.refuse('no pattern');
  let found = (await visible(shell)).filter(
    (info) => info.pid !== shell.pid && tests.every((test) => test(info)),
  );
  const byStart = found.toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  if (options.has('n')) found = byStart.slice(-1);
  if (options.has('o')) found = byStart.slice(0, 1);
  return { found, signal, options };
}

export const pgrep: Model = async (shell) => {
  const { found, options } = await matching(shell);
  const shown = (info: ProcessInfo): string => {
    if (options.has('a')) return ` ${info.command.join(' ')}`;
    return options.has('l') ? ` ${nameOf(info)}` : '';
  };
  await shell.out(found.map((info) => `${info.pid}${shown(info)}\n`).join(''));
  return found.length > 0 ? 0 : 1;
};

export const pkill: Model = async (shell) => {
  const { found, signal } = await matching(shell);
  for (const { pid } of found) {
    try {
      await shell.ports.process.kill(pid, signal as Signal);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
  return found.length > 0 ? 0 : 1;
};
