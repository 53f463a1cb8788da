import {
  type Address,
  OPEN,
  type Operation,
  type OperationName,
  type ProcessInfo,
  type Signal,
  type Stat,
} from '../../src/ports/index.ts';
import type { Command as FileCommand } from '../sim/vfs/commands.ts';
import { type Spoil, spoiled } from './odd-values.ts';
import { isStreamCommand, type StreamCommand, streamed } from './stream-commands.ts';

/** A sequence of commands by several actors, one process each; what they name is resolved on each machine. */
export interface Script {
  /** One actor a user, to begin with; agents that are spawned become actors too. */
  readonly users: readonly number[];
  readonly steps: readonly Step[];
}

export interface Step {
  /** Modulo the number of actors that can go on. */
  readonly actor: number;
  readonly command: Command;
  /** Its first operation has a bad argument. */
  readonly spoil?: Spoil | null;
}

export type Program = 'agent' | 'idle' | 'exit';

export type Command =
  | Exclude<FileCommand, { op: 'become' }>
  | { op: 'statfs'; path: string }
  | { op: 'opendir'; slot: number; path: string }
  | { op: 'readNext'; slot: number; prefix: string }
  /** Makes so many files in a directory. */
  | { op: 'fill'; path: string; count: number }
  /** Sets times, and reads them. */
  | { op: 'utimes'; path: string; atimeMs: number; mtimeMs: number }
  /** Writes a large file and reads it at once. */
  | { op: 'bulk'; path: string }
  | {
      op: 'spawn';
      program: Program;
      code: number;
      detached: boolean;
      inherit?: number | null;
      env?: Readonly<Record<string, string>>;
      /** Its standard input, output and error: slots, or null for /dev/null. */
      stdio?: readonly (number | null)[];
    }
  | StreamCommand
  | { op: 'processEnv'; who: number; name: string }
  | { op: 'kill'; who: number; group: boolean; signal: Signal | 0; exact: 'right' | 'wrong' | null }
  | { op: 'wait' | 'processInfo'; who: number }
  | { op: 'self' | 'sigwait' }
  | { op: 'sigaction'; signal: Signal; action: 'default' | 'ignore' | 'handle' }
  | { op: 'setTitle'; title: string }
  | { op: 'exit'; code: number }
  | { op: 'listen'; slot: number; to: Where; backlog: number; keeps?: boolean; streams?: boolean }
  | { op: 'getsockname'; slot: number }
  | { op: 'accept' | 'hangUp'; slot: number }
  | { op: 'answer'; slot: number; status?: number; body?: string }
  | { op: 'connect'; to: Where; short: boolean }
  | { op: 'request'; to: Where; short: boolean; path?: string; body?: string }
  | { op: 'holders'; port: number }
  /** Of the whole machine: time goes on, long enough for all that is short. */
  | { op: 'pass' };

/** To listen: TCP port 0. To connect: the port that was learned last of one that was given for it. */
export const ANY_PORT = -1;

/** A TCP port of the script, or {@link ANY_PORT}, on one of a few addresses; or a path. */
export type Where = { readonly host: string; readonly port: number } | { readonly path: string };

export const INIT = -1;
export const NO_PROCESS = -2;
/** Above any pid_max. */
const UNUSED_PID = 5_000_000;
const UNUSED_FD = 987;
/** More than one read returns. */
const BULK_BYTES = 2 ** 20 + 5;

/** Longer than any step takes; and what `pass` lets pass, with `short` below it. */
export const LONG_MS = 60_000;
export const SHORT_MS = 60;
export const PASS_MS = 150;

export interface Bound {
  readonly pid: number;
  /** `null` for a process that ends by itself. */
  startTicks: number | null;
  readonly program: Program;
}

/** What the names of a script mean on one machine. */
export class Bindings {
  readonly base: string;
  readonly ports: readonly number[];
  readonly processes: Bound[] = [];
  /** Given for TCP port 0. */
  readonly #given: number[] = [];
  readonly #slots = new Map<string, number>();
  readonly #requests = new Map<string, number[]>();

  constructor(base: string, ports: readonly number[]) {
    this.base = base;
    this.ports = ports;
  }

  fd(actor: number, slot: number): number {
    return this.#slots.get(`${actor} ${slot}`) ?? UNUSED_FD;
  }

  bind(actor: number, slot: number, fd: number): number | undefined {
    const key = `${actor} ${slot}`;
    const before = this.#slots.get(key);
    this.#slots.set(key, fd);
    return before;
  }

  unbind(actor: number, slot: number): void {
    this.#slots.delete(`${actor} ${slot}`);
  }

  /** Requests that an actor has accepted, oldest first. */
  requests(actor: number): number[] {
    const key = String(actor);
    let requests = this.#requests.get(key);
    if (requests === undefined) {
      requests = [];
      this.#requests.set(key, requests);
    }
    return requests;
  }

  who(index: number): Bound {
    if (index === INIT) return { pid: 1, startTicks: null, program: 'idle' };
    if (index === NO_PROCESS) return { pid: UNUSED_PID, startTicks: null, program: 'idle' };
    return this.processes[index % this.processes.length]!;
  }

  /** A process outside the script is an ancestor of all. */
  name(pid: number): string {
    for (let at = this.processes.length - 1; at >= 0; at--) {
      if (this.processes[at]!.pid === pid) return `#${at}`;
    }
    return 'init';
  }

  path(relative: string): string {
    return `${this.base}/${relative}`;
  }

  /** `learned`: of one that was given for TCP port 0, not port 0 itself. */
  address(to: Where, learned: 'learned' | null = null): Address {
    if ('path' in to) return { kind: 'unix', path: this.path(to.path) };
    const { host, port } = to;
    if (port !== ANY_PORT) return { kind: 'tcp', host, tcpPort: this.ports[port % this.ports.length]! };
    return { kind: 'tcp', host, tcpPort: learned === null ? 0 : (this.#given.at(-1) ?? 0) };
  }

  /** Of one end of a connection: the port of a client is another one on each machine. */
  nameOf(address: Address): string {
    if (address.kind === 'unix') return address.path.replace(this.base, '');
    const known = this.ports.indexOf(address.tcpPort);
    return `${address.host} ${known >= 0 ? `port ${known}` : 'client'}`;
  }

  /** An address in a form that is the same on both machines. */
  learn(address: Address): string {
    if (address.kind === 'unix') return address.path.replace(this.base, '');
    const { host, tcpPort } = address;
    const known = this.ports.indexOf(tcpPort);
    if (known >= 0) return `${host} port ${known}`;
    if (!this.#given.includes(tcpPort)) this.#given.push(tcpPort);
    const inRange = tcpPort >= 32_768 && tcpPort <= 60_999;
    return `${host} given ${this.#given.indexOf(tcpPort)} ${inRange ? 'in range' : tcpPort}`;
  }
}

export type Outcome = { readonly value: unknown } | { readonly code: string };

/** What one command gave, made comparable. */
export type Result = unknown;

/** Asks the operations of one command, one after the other; its result is the canonical one. */
export type Conversation = Generator<Asked, Result, Outcome>;

/** `now`: of a stream; one call of the operating system that does not wait, or as many as succeed. */
export type Asked = Operation & { readonly now?: 'once' | 'again' };

/** @param spoil replaces an argument of the first operation */
export function* converse(
  bindings: Bindings,
  actor: number,
  command: Command,
  spoil: Spoil | null,
): Conversation {
  const conversation = usual(bindings, actor, command);
  if (spoil === null) return yield* conversation;
  let step = conversation.next(undefined as never);
  for (let isFirst = true; step.done !== true; isFirst = false) {
    step = conversation.next(yield isFirst ? spoiled(step.value, spoil) : step.value);
  }
  return step.value;
}

function* usual(bindings: Bindings, actor: number, command: Command): Conversation {
  const fd = 'slot' in command ? bindings.fd(actor, command.slot) : UNUSED_FD;
  const at = (path: string): string => bindings.path(path);
  if (isStreamCommand(command)) return yield* streamed(bindings, actor, command, timeout(command));
  switch (command.op) {
    case 'open': {
      const { flags, mode, slot } = command;
      return yield* opened(bindings, actor, slot, { op: 'open', path: at(command.path), flags, mode });
    }
    case 'close':
      bindings.unbind(actor, command.slot);
      return yield* plain({ op: 'close', fd });
    case 'fstat':
      return statOf(yield { op: 'fstat', fd });
    case 'fsync':
      return yield* plain({ op: 'fsync', fd });
    case 'read':
      return yield* plain({ op: 'read', fd, length: command.length, position: command.position });
    case 'write':
      return yield* plain({ op: 'write', fd, data: command.data, position: command.position });
    case 'ftruncate':
      return yield* plain({ op: 'ftruncate', fd, length: command.length });
    case 'fchmod':
      return yield* plain({ op: 'fchmod', fd, mode: command.mode });
    case 'futimes': {
      const { mtimeMs } = command;
      return yield* plain({ op: 'futimes', fd, atimeMs: mtimeMs, mtimeMs });
    }
    case 'stat':
    case 'lstat':
      return statOf(yield { op: command.op, path: at(command.path) });
    case 'statfs': {
      // Which filesystem the comparison is made on does not matter.
      const outcome = yield { op: 'statfs', path: at(command.path) };
      return 'code' in outcome ? outcome.code : typeof (outcome.value as { type: unknown }).type;
    }
    case 'readdir':
      return yield* names(at(command.path), command.prefix);
    case 'opendir':
      return yield* opened(bindings, actor, command.slot, { op: 'opendir', path: at(command.path) });
    case 'readNext': {
      const outcome = yield { op: 'readdir', fd, prefix: command.prefix };
      return 'code' in outcome ? outcome.code : entriesOf(outcome.value).sort();
    }
    case 'fill':
      return yield* fill(at(command.path), command.count);
    case 'utimes': {
      const { op, path, atimeMs, mtimeMs } = command;
      const set = yield* plain({ op, path: at(path), atimeMs, mtimeMs });
      const outcome = yield { op: 'stat', path: at(path) };
      if (set !== 'done' || 'code' in outcome) return set;
      const stat = outcome.value as Stat;
      return [stat.atimeMs, stat.mtimeMs];
    }
    case 'bulk':
      return yield* bulk(at(command.path));
    case 'link':
    case 'rename':
      return yield* plain({ op: command.op, from: at(command.from), to: at(command.to) });
    case 'symlink':
      return yield* plain({
        op: 'symlink',
        target: command.target.replace('BASE', bindings.base),
        path: at(command.path),
      });
    case 'chown':
      return yield* plain({ op: 'chown', path: at(command.path), uid: command.uid, gid: command.gid });
    case 'mkdir':
    case 'chmod':
    case 'access':
      return yield* plain({ op: command.op, path: at(command.path), mode: command.mode });
    case 'unlink':
    case 'rmdir':
    case 'readlink':
    case 'realpath':
      return yield* plain({ op: command.op, path: at(command.path) });

    case 'spawn':
      return yield* spawned(bindings, actor, command);
    case 'kill': {
      const { pid, startTicks } = bindings.who(command.who);
      const ticks = command.exact === null || startTicks === null ? null : startTicks;
      return yield* plain({
        op: 'kill',
        pid: command.group ? -pid : pid,
        signal: command.signal,
        startTicks: ticks === null ? null : ticks + (command.exact === 'wrong' ? 1 : 0),
      });
    }
    case 'wait':
      return yield* plain({ op: 'wait', pid: bindings.who(command.who).pid });
    case 'processInfo':
      return infoOf(bindings, yield { op: 'processInfo', pid: bindings.who(command.who).pid });
    case 'processEnv': {
      const { pid } = bindings.who(command.who);
      const seen = yield* plain({ op: 'processEnv', pid, name: command.name });
      // In a container, not even root may see that of the first process.
      return pid === 1 ? 'any' : seen;
    }
    case 'self': {
      const outcome = yield { op: 'self' };
      if ('code' in outcome) return outcome.code;
      const { pid, ppid, uid } = outcome.value as { pid: number; ppid: number; uid: number };
      return { pid: bindings.name(pid), ppid: bindings.name(ppid), uid };
    }
    case 'sigaction':
      return yield* plain({ op: 'sigaction', signal: command.signal, action: command.action });
    case 'sigwait':
      return yield* plain({ op: 'sigwait' });
    case 'setTitle':
      return yield* plain({ op: 'setTitle', title: command.title });
    case 'exit':
      return yield* plain({ op: 'exit', code: command.code });

    case 'listen': {
      const { slot, to, backlog, keeps = false, streams = false } = command;
      const how = { ...(keeps && { unlinkOnClose: false }), ...(streams && { streams }) };
      const address = bindings.address(to);
      return yield* opened(bindings, actor, slot, { op: 'listen', address, backlog, ...how });
    }
    case 'getsockname': {
      const outcome = yield { op: 'getsockname', fd };
      return 'code' in outcome ? outcome.code : bindings.learn(outcome.value as Address);
    }
    case 'accept': {
      const outcome = yield { op: 'accept', fd };
      if ('code' in outcome) return outcome.code;
      const { request, path, body } = outcome.value as { request: number; path: string; body: string };
      bindings.requests(actor).push(request);
      return { path, body };
    }
    case 'answer': {
      const request = bindings.requests(actor).shift() ?? UNUSED_FD;
      const { status = 200, body = `by ${actor}` } = command;
      return yield* plain({ op: 'answer', request, answer: { status, body } });
    }
    case 'hangUp': {
      const request = bindings.requests(actor).shift() ?? UNUSED_FD;
      return yield* plain({ op: 'close', fd: request });
    }
    case 'connect':
      return yield* plain({
        op: 'connect',
        address: bindings.address(command.to, 'learned'),
        timeoutMs: timeout(command),
      });
    case 'request': {
      const { path = '/', body = `from ${actor}` } = command;
      return yield* plain({
        op: 'request',
        address: bindings.address(command.to, 'learned'),
        request: { path, body },
        timeoutMs: timeout(command),
      });
    }
    case 'holders': {
      const outcome = yield { op: 'holders', tcpPort: bindings.ports[command.port % bindings.ports.length]! };
      if ('code' in outcome) return outcome.code;
      return (outcome.value as { pid: number | null; uid: number; host: string }[])
        .map(({ pid, uid, host }) => `${pid === null ? 'hidden' : bindings.name(pid)} ${uid} ${host}`)
        .sort();
    }
    case 'pass':
      return 'passed';
  }
}

function timeout(command: object): number {
  return 'short' in command && command.short === true ? SHORT_MS : LONG_MS;
}

function* plain<Name extends OperationName>(operation: Operation<Name>): Conversation {
  const outcome = yield operation as Operation;
  return 'code' in outcome ? outcome.code : (outcome.value ?? 'done');
}

/** A descriptor that the slot had before is closed. */
function* opened(bindings: Bindings, actor: number, slot: number, operation: Operation): Conversation {
  const outcome = yield operation;
  if ('code' in outcome) return outcome.code;
  const before = bindings.bind(actor, slot, outcome.value as number);
  if (before === undefined) return 'open';
  return ['open', yield* plain({ op: 'close', fd: before })];
}

function* names(path: string, prefix: string): Conversation {
  const opened = yield { op: 'opendir', path };
  if ('code' in opened) return opened.code;
  const fd = opened.value as number;
  const names: string[] = [];
  for (;;) {
    const outcome = yield { op: 'readdir', fd, prefix };
    if ('code' in outcome) return outcome.code;
    const entries = entriesOf(outcome.value);
    if (entries.length === 0) break;
    names.push(...entries);
  }
  yield { op: 'close', fd };
  return names.sort();
}

function entriesOf(value: unknown): string[] {
  return (value as { name: string; kind: string }[]).map(({ name, kind }) => `${name} ${kind}`);
}

/** The first failure ends it. */
function* fill(path: string, count: number): Conversation {
  for (let at = 0; at < count; at++) {
    const flags = OPEN.O_RDWR | OPEN.O_CREAT;
    const outcome = yield { op: 'open', path: `${path}/n${at}`, flags, mode: 0o666 };
    if ('code' in outcome) return [at, outcome.code];
    yield { op: 'close', fd: outcome.value as number };
  }
  return 'filled';
}

function* bulk(path: string): Conversation {
  const opened = yield { op: 'open', path, flags: OPEN.O_RDWR | OPEN.O_CREAT, mode: 0o666 };
  if ('code' in opened) return opened.code;
  const fd = opened.value as number;
  const written = yield* plain({ op: 'write', fd, data: 'x'.repeat(BULK_BYTES), position: null });
  const read = yield { op: 'read', fd, length: 2 * BULK_BYTES, position: 0 };
  const length = 'code' in read ? read.code : (read.value as string).length;
  const emptied = yield* plain({ op: 'ftruncate', fd, length: 0 });
  yield { op: 'close', fd };
  return [written, length, emptied];
}

function* spawned(bindings: Bindings, actor: number, command: Command & { op: 'spawn' }): Conversation {
  const { program, code, detached, inherit = null, env, stdio } = command;
  const words = program === 'exit' ? ['exit', String(code)] : [program];
  const outcome = yield {
    op: 'spawn',
    command: words,
    detached,
    ...(inherit !== null && { inherit: [bindings.fd(actor, inherit)] }),
    ...(env !== undefined && { env }),
    ...(stdio !== undefined && {
      stdio: stdio.map((slot) => (slot === null ? null : bindings.fd(actor, slot))),
    }),
  };
  if ('code' in outcome) return outcome.code;
  const bound: Bound = { pid: outcome.value as number, startTicks: null, program };
  bindings.processes.push(bound);
  // The child's 3 is in its slot of the same number.
  const child = bindings.processes.length - 1;
  if (inherit !== null) bindings.bind(child, inherit, 3);
  for (const [at, slot] of (stdio ?? []).entries()) if (slot !== null) bindings.bind(child, slot, at);
  if (program === 'exit') return 'spawned';
  const info = yield { op: 'processInfo', pid: bound.pid };
  if ('value' in info) bound.startTicks = (info.value as ProcessInfo).startTicks;
  return infoOf(bindings, info);
}

function statOf(outcome: Outcome): Result {
  if ('code' in outcome) return outcome.code;
  const { kind, nlink, uid, gid, mode, size } = outcome.value as Stat;
  return { kind, nlink, uid, gid, mode, size: kind === 'directory' ? null : size };
}

function infoOf(bindings: Bindings, outcome: Outcome): Result {
  if ('code' in outcome) return outcome.code;
  const { pid, ppid, pgid, sid, uid, state, command } = outcome.value as ProcessInfo;
  const name = (id: number): string => bindings.name(id);
  // Of the first process only what every machine agrees on.
  if (pid === 1) return { pid, pgid: 'any', sid: 'any', uid, state };
  return {
    pid: name(pid),
    ppid: name(ppid),
    pgid: name(pgid),
    sid: name(sid),
    uid,
    state,
    command: command[0]?.startsWith('title') ? command : command.length > 0,
  };
}
