/** How each operation reads in a timeline: its arguments, and what came of it. */
import {
  address,
  answerOf,
  bytes,
  clockOf,
  clockTime,
  describeStat,
  ended,
  exitStatus,
  fields,
  list,
  number,
  show,
  strikeDetail,
  type Values,
  valuesOf,
} from './describe-values.ts';
import { quote } from './escape.ts';

export interface Context {
  readonly result: unknown;
  /** The file or address of a descriptor. */
  file(fd: unknown): string;
  /** A PID with the name of its process. */
  who(pid: unknown): string;
}

/** The kind of a line, for its color. */
export type Tone = 'plain' | 'failed' | 'mark' | 'life' | 'fault';

export interface Asked {
  readonly text: string;
  readonly tone?: Tone;
  /** Describes the result of an operation that succeeded. */
  readonly result?: (result: unknown) => string;
}

export type Teller = (args: Values, context: Context) => Asked;

const plain =
  (verb: string): Teller =>
  ({ path }) => ({ text: `${verb} ${show(path)}` });
/** The two descriptors of a pipe or a pair of sockets. */
const endsOf = (ends: unknown): string => `→ ${Object.values(valuesOf(ends)).map(show).join(' and ')}`;
const statOf: Pick<Asked, 'result'> = { result: (stat) => `→ ${describeStat(valuesOf(stat))}` };

/** Operations, and what else a trace holds, by name. */
export const KNOWN: Readonly<Record<string, Teller>> = {
  open: ({ flags, path }) => ({ text: `open ${show(flags)} ${show(path)}`, result: (fd) => `→ ${show(fd)}` }),
  close: ({ fd }, { file }) => ({ text: `close ${file(fd)}` }),
  read: ({ fd }, { file }) => ({ text: `read ${file(fd)}`, result: (data) => `→ ${bytes(data)}` }),
  write: ({ fd, data }, { file }) => ({
    text: `write ${file(fd)} ← ${bytes(data)}`,
    result: (n) => (n === String(data).length ? '' : `→ only ${show(n)} of ${String(data).length} bytes`),
  }),
  ftruncate: ({ fd, length }, { file }) => ({ text: `ftruncate ${file(fd)} to ${show(length)}` }),
  fsync: ({ fd }, { file }) => ({ text: `fsync ${file(fd)}` }),
  fstat: ({ fd }, { file }) => ({ text: `fstat ${file(fd)}`, ...statOf }),
  stat: ({ path }) => ({ text: `stat ${show(path)}`, ...statOf }),
  lstat: ({ path }) => ({ text: `lstat ${show(path)}`, ...statOf }),
  statfs: ({ path }) => ({
    text: `statfs ${show(path)}`,
    result: (of) => `→ type 0x${Number(valuesOf(of).type).toString(16)}`,
  }),
  access: plain('access'),
  chmod: ({ path, mode }) => ({ text: `chmod ${Number(mode).toString(8)} ${show(path)}` }),
  fchmod: ({ fd, mode }, { file }) => ({ text: `fchmod ${Number(mode).toString(8)} ${file(fd)}` }),
  chown: ({ path, uid, gid }) => ({ text: `chown ${show(uid)}:${show(gid)} ${show(path)}` }),
  utimes: ({ path, mtimeMs }) => ({ text: `utimes ${show(path)} to ${clockTime(mtimeMs)}` }),
  futimes: ({ fd, mtimeMs }, { file }) => ({ text: `futimes ${file(fd)} to ${clockTime(mtimeMs)}` }),
  link: ({ from, to }) => ({ text: `link ${show(from)} as ${show(to)}` }),
  symlink: ({ target, path }) => ({ text: `symlink ${show(path)} to ${show(target)}` }),
  readlink: ({ path }) => ({ text: `readlink ${show(path)}`, result: (to) => `→ ${show(to)}` }),
  realpath: ({ path }) => ({ text: `realpath ${show(path)}`, result: (to) => `→ ${show(to)}` }),
  rename: ({ from, to }) => ({ text: `rename ${show(from)} to ${show(to)}` }),
  unlink: plain('unlink'),
  mkdir: plain('mkdir'),
  rmdir: plain('rmdir'),
  opendir: ({ path }) => ({ text: `opendir ${show(path)}`, result: (fd) => `→ ${show(fd)}` }),
  readdir: ({ fd, prefix }, { file }) => ({
    text: `readdir ${file(fd)}${prefix === undefined ? '' : ` for ${show(prefix)}…`}`,
    result: (entries) =>
      `→ ${list((Array.isArray(entries) ? entries : []).map((entry) => show(valuesOf(entry).name)))}`,
  }),

  self: () => ({ text: 'self', result: (self) => `→ PID ${show(valuesOf(self).pid)}` }),
  processInfo: ({ pid }, { who }) => ({
    text: `processInfo ${who(pid)}`,
    result: (info) => {
      const { state, startTicks, command } = valuesOf(info);
      const words = Array.isArray(command) ? command.join(' ') : '';
      return `→ ${show(state)}, started at tick ${show(startTicks)}, ${quote(words, 40)}`;
    },
  }),
  listProcesses: () => ({
    text: 'listProcesses',
    result: (pids) => `→ ${list((Array.isArray(pids) ? pids : []).map(show))}`,
  }),
  processEnv: ({ pid, name }, { who }) => ({
    text: `environment of ${who(pid)}: ${show(name)}`,
    result: (value) => `→ ${typeof value === 'string' ? quote(value, 40) : 'none'}`,
  }),
  setTitle: ({ title }) => ({ text: `setTitle ${show(title)}`, result: () => '' }),
  spawn: ({ command }) => ({
    text: `spawn ${(Array.isArray(command) ? command : [command]).map(show).join(' ')}`,
    result: (pid) => `→ PID ${show(pid)}`,
  }),
  wait: ({ pid }, { who }) => ({
    text: `wait for ${who(pid)}`,
    result: (status) => `→ ${exitStatus(valuesOf(status))}`,
  }),
  kill: ({ pid, signal, startTicks }, { who }) => {
    const exactly =
      startTicks === null || startTicks === undefined ? '' : ` if started at tick ${show(startTicks)}`;
    return {
      text: `kill ${show(signal)} ${who(pid)}${exactly}`,
      result: () => (signal === 0 ? '→ exists' : ''),
    };
  },
  sigaction: ({ signal, action }) => ({ text: `sigaction ${show(signal)} ${show(action)}` }),
  sigwait: () => ({ text: 'sigwait', result: (signal) => `→ ${show(signal)}` }),
  exit: ({ code }) => ({ text: `exit ${show(code)}` }),

  clock: ({ which }) => ({ text: `clock ${show(which)}`, result: (ms) => `→ ${clockOf(which, ms)}` }),
  sleep: ({ ms }) => ({ text: `slept ${number(ms)} ms` }),
  random: () => ({ text: 'random', result: (digits) => `→ ${show(digits)}` }),

  listen: (args) => ({
    text: `listen on ${address(args.address)}${args.unlinkOnClose === false ? ', name stays' : ''}`,
    result: (fd) => `→ ${show(fd)}`,
  }),
  getsockname: ({ fd }, { file }) => ({
    text: `getsockname of ${file(fd)}`,
    result: (of) => `→ ${address(of)}`,
  }),
  accept: ({ fd }, { file }) => ({
    text: `accept on ${file(fd)}`,
    result: (incoming) => {
      const { path, body } = valuesOf(incoming);
      return `→ ${show(path)}${body === '' || body === undefined ? '' : ` ${quote(String(body), 40)}`}`;
    },
  }),
  answer: ({ answer }) => ({ text: `answer ${answerOf(answer)}` }),
  connect: (args) => ({ text: `connect to ${address(args.address)}`, result: () => '→ accepted' }),
  pipe: () => ({ text: 'pipe', result: endsOf }),
  socketpair: () => ({ text: 'socketpair', result: endsOf }),
  connectStream: (args) => ({ text: `connect to ${address(args.address)}`, result: (fd) => `→ ${show(fd)}` }),
  acceptStream: ({ fd }, { file }) => ({ text: `accept on ${file(fd)}`, result: (own) => `→ ${show(own)}` }),
  send: ({ fd, data }, { file }) => ({ text: `send to ${file(fd)} ← ${bytes(data)}` }),
  recv: ({ fd }, { file }) => ({
    text: `receive from ${file(fd)}`,
    result: (data) => (data === '' ? '→ the end' : `→ ${bytes(data)}`),
  }),
  shutdown: ({ fd }, { file }) => ({ text: `half-close ${file(fd)}` }),
  reset: ({ fd }, { file }) => ({ text: `reset ${file(fd)}` }),
  getpeername: ({ fd }, { file }) => ({
    text: `getpeername of ${file(fd)}`,
    result: (of) => `→ ${address(of)}`,
  }),
  request: (args) => ({
    text: `ask ${address(args.address)} ${show(valuesOf(args.request).path)}`,
    result: (answer) => `→ ${answerOf(answer)}`,
  }),
  holders: ({ tcpPort }, { who }) => ({
    text: `holders of TCP port ${show(tcpPort)}`,
    result: (holders) =>
      `→ ${list((Array.isArray(holders) ? holders : []).map((holder) => valuesOf(holder).pid ?? null).map((pid) => (pid === null ? 'hidden' : who(pid))))}`,
  }),

  mark: ({ name, data }) => ({ text: `★ ${show(name)}${fields(data)}`, tone: 'mark' }),
  log: ({ stream, text }) => ({
    text: `prints ${quote(String(text), 120)}${stream === 'stderr' ? ' to stderr' : ''}`,
  }),
  start: ({ pid, ppid }, { who }) => ({
    text: `● starts, PID ${show(pid)}${ppid === 1 ? '' : `, child of ${who(ppid)}`}`,
    tone: 'life',
  }),
  end: ({ crash }, { result }) => ({
    text: crash === undefined ? `■ ${ended(valuesOf(result))}` : `■ crashes: ${show(crash)}`,
    tone: 'life',
  }),
  fault: ({ fault, process, ...detail }) => ({
    text: ['↯', show(fault), ...(process === undefined ? [] : [show(process)]), ...strikeDetail(detail)].join(
      ' ',
    ),
    tone: 'fault',
  }),
};
