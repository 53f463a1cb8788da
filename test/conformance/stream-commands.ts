/** What a script does with pipes and connected sockets, in operations of the table. */
import type { Address, Operation } from '../../src/ports/index.ts';
import type { Bindings, Conversation, Outcome, Where } from './script.ts';

export type StreamCommand =
  /** `slot` is the end that is read, `other` the one that is written. */
  | { op: 'pipe' | 'socketpair'; slot: number; other: number }
  | { op: 'connectStream'; slot: number; to: Where; short: boolean }
  /** From the listener in `slot`, into `other`. */
  | { op: 'acceptStream'; slot: number; other: number }
  /** `now`: one call of the operating system, which fails with EAGAIN instead of waiting. */
  | { op: 'recv' | 'readStream'; slot: number; length: number; now?: boolean }
  | { op: 'send' | 'writeStream'; slot: number; text: string; times: number; now?: boolean }
  | { op: 'shutdown' | 'reset' | 'getpeername' | 'statStream'; slot: number }
  /** Sends until there is no room any more. */
  | { op: 'flood'; slot: number }
  /** Receives until there is nothing any more. */
  | { op: 'drain'; slot: number }
  /** Receives, and waits, until a text has come. */
  | { op: 'until'; slot: number; text: string }
  /** What only files have: its code for a stream. */
  | { op: 'asFile'; slot: number; which: 'fsync' | 'ftruncate' | 'readdir' | 'pread' | 'pwrite' };

/** More than any stream of either machine has room for. */
const ENDLESS_BYTES = 2 ** 26;
const FLOOD = 'f'.repeat(65_536);
const MOST_BYTES = 2 ** 20;
/** How much fits depends on the system: from here on only that it is much. */
export const MUCH_BYTES = 30_000;
const LONG_TEXT = 60;

const COMMANDS: ReadonlySet<string> = new Set<StreamCommand['op']>([
  ...(['pipe', 'socketpair', 'connectStream', 'acceptStream', 'recv', 'readStream', 'send'] as const),
  ...(['writeStream', 'shutdown', 'reset', 'getpeername', 'statStream', 'flood', 'drain'] as const),
  ...(['until', 'asFile'] as const),
]);

export function isStreamCommand(command: { readonly op: string }): command is StreamCommand {
  return COMMANDS.has(command.op);
}

/** Whether it is made of calls of the operating system that do not wait. */
export function isSingleCall(command: { readonly op: string; readonly now?: boolean }): boolean {
  return command.now === true || command.op === 'flood' || command.op === 'drain';
}

export function* streamed(
  bindings: Bindings,
  actor: number,
  command: StreamCommand,
  timeoutMs: number,
): Conversation {
  const fd = bindings.fd(actor, command.slot);
  switch (command.op) {
    case 'pipe':
    case 'socketpair': {
      const outcome = yield { op: command.op };
      if ('code' in outcome) return outcome.code;
      const { readFd, writeFd, fd, otherFd } = outcome.value as Record<string, number>;
      const [first, second] = command.op === 'pipe' ? [readFd!, writeFd!] : [fd!, otherFd!];
      return [
        yield* bound(bindings, actor, command.slot, first),
        yield* bound(bindings, actor, command.other, second),
      ];
    }
    case 'connectStream': {
      const address = bindings.address(command.to, 'learned');
      const outcome = yield { op: 'connectStream', address, timeoutMs };
      if ('code' in outcome) return outcome.code;
      return yield* bound(bindings, actor, command.slot, outcome.value as number);
    }
    case 'acceptStream': {
      const outcome = yield { op: 'acceptStream', fd };
      if ('code' in outcome) return outcome.code;
      return yield* bound(bindings, actor, command.other, outcome.value as number);
    }
    case 'recv':
    case 'readStream': {
      const { length, now } = command;
      const operation: Operation =
        command.op === 'recv' ? { op: 'recv', fd, length } : { op: 'read', fd, length, position: null };
      const outcome = yield now === true ? { ...operation, now: 'once' } : operation;
      return 'code' in outcome ? outcome.code : ['received', brief(outcome.value as string)];
    }
    case 'send':
    case 'writeStream': {
      const data = command.text.repeat(command.times);
      const operation = sending(command.op === 'send', fd, data);
      const outcome = yield command.now === true ? { ...operation, now: 'once' } : operation;
      return 'code' in outcome ? outcome.code : ['sent', outcome.value];
    }
    case 'shutdown':
    case 'reset': {
      const outcome = yield { op: command.op, fd };
      if ('code' in outcome) return outcome.code;
      if (command.op === 'reset') bindings.unbind(actor, command.slot);
      return 'done';
    }
    case 'getpeername': {
      const outcome = yield { op: 'getpeername', fd };
      return 'code' in outcome ? outcome.code : bindings.nameOf(outcome.value as Address);
    }
    case 'statStream': {
      const outcome = yield { op: 'fstat', fd };
      if ('code' in outcome) return outcome.code;
      const { kind, uid, gid, mode, size } = outcome.value as Record<string, unknown>;
      return { kind, uid, gid, mode, size };
    }
    case 'flood':
      return yield* repeating({ op: 'write', fd, data: FLOOD, position: null });
    case 'drain':
      return yield* repeating({ op: 'read', fd, length: MOST_BYTES, position: null });
    case 'until':
      return yield* until(fd, command.text);
    case 'asFile': {
      const outcome = yield asFile(command.which, fd);
      return 'code' in outcome ? outcome.code : 'done';
    }
  }
}

function sending(isSocket: boolean, fd: number, data: string): Operation {
  return isSocket ? { op: 'send', fd, data } : { op: 'write', fd, data, position: null };
}

function asFile(which: (StreamCommand & { op: 'asFile' })['which'], fd: number): Operation {
  switch (which) {
    case 'fsync':
      return { op: 'fsync', fd };
    case 'ftruncate':
      return { op: 'ftruncate', fd, length: 0 };
    case 'readdir':
      return { op: 'readdir', fd };
    case 'pread':
      return { op: 'read', fd, length: 1, position: 0 };
    case 'pwrite':
      return { op: 'write', fd, data: 'x', position: 0 };
  }
}

/** A descriptor that the slot had before is closed. */
function* bound(bindings: Bindings, actor: number, slot: number, fd: number): Conversation {
  const before = bindings.bind(actor, slot, fd);
  if (before === undefined) return 'open';
  const outcome = yield { op: 'close', fd: before };
  return ['open', 'code' in outcome ? outcome.code : 'done'];
}

/** Of how many bytes a call that is repeated was, and how the last one ended. */
export interface Repeated {
  readonly bytes: number;
  readonly last: string;
}

/** @param call once more; the code if it fails */
export function repeated(call: () => Outcome): Repeated {
  for (let bytes = 0; bytes < ENDLESS_BYTES; ) {
    const outcome = call();
    if ('code' in outcome) return { bytes, last: outcome.code };
    const { value } = outcome;
    if (value === '') return { bytes, last: 'end' };
    bytes += typeof value === 'string' ? value.length : (value as number);
  }
  return { bytes: ENDLESS_BYTES, last: 'endless' };
}

function* repeating(operation: Operation): Conversation {
  const outcome = yield { ...operation, now: 'again' };
  if ('code' in outcome) return outcome.code;
  const { bytes, last } = outcome.value as Repeated;
  return operation.op === 'write' ? ['filled', last] : ['received', roughly(bytes), last];
}

function* until(fd: number, text: string): Conversation {
  for (let total = 0; ; ) {
    const outcome = yield { op: 'read', fd, length: MOST_BYTES, position: null };
    if ('code' in outcome) return ['received', roughly(total), outcome.code];
    const data = outcome.value as string;
    if (data === '') return ['received', roughly(total), 'end'];
    total += data.length;
    if (data.endsWith(text)) return ['received', roughly(total), text];
  }
}

function roughly(bytes: number): number | 'much' {
  return bytes > MUCH_BYTES ? 'much' : bytes;
}

/** The order of the bytes counts. */
function brief(data: string): string {
  if (data.length <= LONG_TEXT) return data;
  if (data.length > MUCH_BYTES) return `much, from ${data[0]}`;
  return data.replaceAll(/(.)\1{8,}/g, (all, letter: string) => `${letter} x ${all.length} `);
}
