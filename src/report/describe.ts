import { decodeText } from '../ports/index.ts';
import type { TraceEvent } from '../run/index.ts';
import { printable, quote, stringify } from './escape.ts';
import { whole } from './numbers.ts';

/** What kind of thing a line tells, for its colour. */
export type Tone = 'plain' | 'failed' | 'mark' | 'life' | 'fault';

export interface Described {
  readonly text: string;
  readonly tone: Tone;
}

type Values = Readonly<Record<string, unknown>>;

/** Puts events into words, in their order: it remembers what each descriptor is of, and who bears which PID. */
export class Describer {
  readonly #files = new Map<string, Map<number, string>>();
  readonly #bearers = new Map<number, string>();

  describe(event: TraceEvent): Described {
    const { op, process, args } = event;
    if (op === 'start') this.#bearers.set(Number(args.pid), process);
    const known = Object.hasOwn(KNOWN, op) ? KNOWN[op] : undefined;
    const asked = known === undefined ? generic(op, args) : known(args, this.#context(event));
    const code = errorOf(event.result);
    if (code !== null) return { text: `${asked.text} ✗ ${printable(code)}`, tone: 'failed' };
    this.#remember(event);
    const result = asked.result?.(event.result) ?? '';
    return { text: result === '' ? asked.text : `${asked.text} ${result}`, tone: asked.tone ?? 'plain' };
  }

  #context({ process, result }: TraceEvent): Context {
    return {
      result,
      file: (fd) => this.#files.get(process)?.get(Number(fd)) ?? `fd ${show(fd)}`,
      who: (pid) => {
        const name = this.#bearers.get(Math.abs(Number(pid)));
        return name === undefined ? show(pid) : `${show(pid)} (${printable(name)})`;
      },
    };
  }

  #remember({ process, op, args, result }: TraceEvent): void {
    const files = this.#files.get(process) ?? new Map<number, string>();
    this.#files.set(process, files);
    if (op === 'open' || op === 'opendir') files.set(Number(result), show(args.path));
    else if (op === 'listen') files.set(Number(result), address(args.address));
    else if (op === 'getsockname') files.set(Number(args.fd), address(result));
    else if (op === 'close') files.delete(Number(args.fd));
  }
}

interface Context {
  readonly result: unknown;
  /** What a descriptor is of. */
  file(fd: unknown): string;
  /** A PID and who bears it. */
  who(pid: unknown): string;
}

interface Asked {
  readonly text: string;
  readonly tone?: Tone;
  /** What came of it, when it did not fail. */
  readonly result?: (result: unknown) => string;
}

type Teller = (args: Values, context: Context) => Asked;

const plain =
  (verb: string): Teller =>
  ({ path }) => ({ text: `${verb} ${show(path)}` });
const statOf: Pick<Asked, 'result'> = { result: (stat) => `→ ${describeStat(valuesOf(stat))}` };

const KNOWN: Readonly<Record<string, Teller>> = {
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

function generic(op: string, args: Values): Asked {
  const shown = Object.keys(args).length === 0 ? '' : ` ${quote(stringify(args), 80)}`;
  return {
    text: `${printable(op)}${shown}`,
    result: (result) => (result === null || result === undefined ? '' : `→ ${quote(stringify(result), 40)}`),
  };
}

function errorOf(result: unknown): string | null {
  if (typeof result !== 'object' || result === null) return null;
  const { error } = result as { error?: unknown };
  return typeof error === 'string' ? error : null;
}

/** A trace may come from a file: nothing of it is sure. */
function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}

/** A foreign value, safe for a terminal. */
function show(value: unknown): string {
  const text = printable(typeof value === 'string' ? value : stringify(value));
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function number(value: unknown): string {
  return typeof value === 'number' ? whole(value) : show(value);
}

function bytes(data: unknown): string {
  return quote(decodeText(String(data)), 40);
}

function list(items: readonly string[]): string {
  if (items.length === 0) return 'none';
  return items.length > 6 ? `${items.slice(0, 5).join(', ')} and ${items.length - 5} more` : items.join(', ');
}

function fields(data: unknown): string {
  return Object.entries(valuesOf(data))
    .map(([name, value]) => ` ${printable(name)}=${show(value)}`)
    .join('');
}

function strikeDetail({ forMs, ...rest }: Values): string[] {
  const duration = forMs === undefined ? [] : [forMs === 'ever' ? 'for ever' : `for ${number(forMs)} ms`];
  const others = Object.entries(rest).map(([name, value]) =>
    name === 'path' ? show(value) : `${name === 'pid' ? 'PID' : printable(name)} ${show(value)}`,
  );
  return [...others, ...duration];
}

function describeStat(stat: Values): string {
  const { kind, size, mtimeMs, nlink } = stat;
  if (kind !== 'file') return show(kind);
  const links = nlink === 1 ? '' : `, ${show(nlink)} links`;
  return `file, ${number(size)} bytes, changed ${clockTime(mtimeMs)}${links}`;
}

function exitStatus({ code, signal }: Values): string {
  return signal === null || signal === undefined ? `exit code ${show(code)}` : show(signal);
}

function ended({ code, signal }: Values): string {
  return signal === null || signal === undefined ? `exits with ${show(code)}` : `ended by ${show(signal)}`;
}

function answerOf(answer: unknown): string {
  const { status, body } = valuesOf(answer);
  return `${show(status)}${body === '' || body === undefined ? '' : ` ${quote(String(body), 40)}`}`;
}

function clockOf(which: unknown, ms: unknown): string {
  return which === 'wall' ? clockTime(ms) : `${number(ms)} ms`;
}

/** The time of day in UTC: of a run that takes seconds, the day says nothing. */
function clockTime(ms: unknown): string {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? show(ms) : date.toISOString().slice(11, 23);
}

function address(value: unknown): string {
  const { kind, path, host, tcpPort } = valuesOf(value);
  return kind === 'unix' ? show(path) : `${show(host)}:${show(tcpPort)}`;
}
