/** Which steps with streams have one result: the others are not taken, or differently. */
import type { SimMachine, SimProcess } from '../../src/sim/index.ts';
import { isListener } from '../../src/sim/index.ts';
import { Arrival } from '../../src/sim/records/connections.ts';
import type { Listener } from '../../src/sim/records/sockets.ts';
import { isStream, type StreamEnd } from '../../src/sim/records/streams.ts';
import type { Description } from '../../src/sim/vfs/index.ts';
import type { Bindings, Command } from './script.ts';
import { MUCH_BYTES } from './stream-commands.ts';

/** What one call may send to a socket: below what any system has room for. */
const MOST_SENT_BYTES = 5_000;
/** Standard input, output and error wait in a real process. */
const FIRST_OTHER_FD = 3;

const ONLY_FOR_FILES: ReadonlySet<string> = new Set(['readStream', 'writeStream', 'statStream', 'asFile']);
const ONLY_FOR_ONE_KIND: ReadonlySet<string> = new Set([
  ...ONLY_FOR_FILES,
  ...['accept', 'acceptStream', 'recv', 'send', 'shutdown', 'reset', 'getpeername'],
]);

/** What a step is about, on the simulated machine. */
export interface Scene {
  readonly machine: SimMachine;
  readonly bindings: Bindings;
  readonly process: SimProcess;
  readonly actor: number;
}

/** The command itself, another one instead, or `null`: it is left out. */
export function sensibleStreams(scene: Scene, command: Command): Command | null {
  const { bindings, process, actor } = scene;
  const fd = 'slot' in command ? bindings.fd(actor, command.slot) : -1;
  const description = process.fds.get(fd);
  if (isListener(description) && !isForListener(scene, description, command)) return null;
  switch (command.op) {
    case 'kill':
      return endsUnaccepted(scene, command) ? null : command;
    case 'exit':
      return hasUnaccepted(process) ? null : command;
    case 'close':
      // See `standard-descriptors` in docs/fidelity.md.
      if (description !== undefined && fd < FIRST_OTHER_FD) return null;
      return isListener(description) && isUnaccepted(description) ? null : command;
    case 'listen':
      return isListener(description) && isUnaccepted(description) ? null : command;
    case 'accept':
    case 'acceptStream': {
      // NodeMachine would make a listener of it, which fails, and closes it: see `socket-bytes` in docs/fidelity.md.
      if (isStream(description) && isInherited(process, fd)) return null;
      if (!isListener(description)) return command;
      // Of two servers of one socket either may get a connection.
      const { servers } = description;
      if (servers.length > 0 && !servers.includes(process)) return null;
      return command;
    }
    case 'getsockname':
    case 'getpeername':
      return isStream(description) && isNameOpen(scene, description, fd, command.op) ? null : command;
    case 'pipe':
    case 'socketpair':
      // They close what was in two slots, one after the other.
      return [command.slot, command.other].some((slot) =>
        isWaitedFor(process.fds.get(bindings.fd(actor, slot))),
      )
        ? null
        : command;
    case 'connectStream':
      // Of two calls of one process that end together either result may come first.
      return [...process.fds.values()].some((each) => isListener(each) && each.acceptors.length > 0)
        ? null
        : command;
    case 'recv':
    case 'readStream':
      if (!isStream(description)) return { ...command, now: false };
      return receiving(process, description, {
        ...command,
        now: isOneCall(fd, description, command),
      });
    case 'send':
    case 'writeStream':
      if (!isStream(description)) return { ...command, now: false };
      return sending(process, description, {
        ...command,
        now: isOneCall(fd, description, command),
      });
    case 'flood':
    case 'drain':
    case 'until':
      if (!isStream(description) || fd < FIRST_OTHER_FD) return null;
      if (command.op === 'flood') return flooding(description) ? command : null;
      if (!description.readable) return null;
      return receiving(process, description, command);
    default:
      return command;
  }
}

/** See `inherited-names` and `lost-names` in docs/fidelity.md. */
function isNameOpen(
  { process }: Scene,
  { type, state }: StreamEnd,
  fd: number,
  op: 'getsockname' | 'getpeername',
): boolean {
  if (isInherited(process, fd)) return type === 'unix' || op === 'getsockname';
  return type === 'tcp' && op === 'getpeername' && (state.down || (state.ended && state.shut));
}

function isInherited(process: SimProcess, fd: number): boolean {
  return process.parent !== null && fd <= FIRST_OTHER_FD;
}

/** What is refused without a call of the operating system is not one. */
function isOneCall(
  fd: number,
  { type }: StreamEnd,
  command: Command & { op: 'recv' | 'readStream' | 'send' | 'writeStream' },
): boolean {
  const isRefused = type === 'pipe' && (command.op === 'recv' || command.op === 'send');
  const isEmpty = 'length' in command ? command.length === 0 : command.text === '';
  return command.now === true && fd >= FIRST_OTHER_FD && !isRefused && !isEmpty;
}

/**
 * A descriptor that was inherited is what its first call makes of it; and what a listening one is not for fails with another code, see
 * `socket-bytes` in docs/fidelity.md.
 */
function isForListener({ process }: Scene, { name, streams }: Listener, { op }: Command): boolean {
  if (op === (streams ? 'acceptStream' : 'accept')) return true;
  const isMaker = name.startsWith(`${process.index}.`);
  return isMaker ? !ONLY_FOR_FILES.has(op) : !ONLY_FOR_ONE_KIND.has(op);
}

/** Of two processes that read the same end either may get what comes. */
function receiving(
  process: SimProcess,
  end: StreamEnd,
  command: Command & { op: 'recv' | 'readStream' | 'drain' | 'until' },
): Command | null {
  if (end.readers.some((waiter) => (waiter as unknown as { process: SimProcess }).process !== process))
    return null;
  const isLoop = command.op === 'drain' || command.op === 'until';
  if (isLoop && end.readers.length > 0) return null;
  const writer = waitingText(end.peer);
  if (end.state.received.length <= MUCH_BYTES && writer === null) return command;
  if (!end.readable || (!isLoop && command.length === 0)) return command;
  if (end.readers.length > 0) return null;
  const { slot } = command;
  // How much is there depends on the system, but not what comes last.
  return writer === null ? { op: 'drain', slot } : { op: 'until', slot, text: writer };
}

function isWaitedFor(description: Description | undefined): boolean {
  if (!isStream(description)) return false;
  return [description, description.peer].some(({ readers, writers }) => readers.length + writers.length > 0);
}

/** What waits to be sent from an end; `null`: nothing. */
function waitingText(end: StreamEnd): string | null {
  const [first] = end.writers as unknown as { operation: { data: string } }[];
  return first === undefined ? null : first.operation.data;
}

function sending(
  process: SimProcess,
  end: StreamEnd,
  command: Command & { op: 'send' | 'writeStream' },
): Command | null {
  if (end.writers.some((waiter) => (waiter as unknown as { process: SimProcess }).process !== process))
    return null;
  const bytes = command.text.length * command.times;
  const filled = end.peer.state.received.length;
  const isOver = end.state.shut || end.peer.state.gone || !end.writable;
  if (end.type === 'pipe') {
    if (bytes > MOST_SENT_BYTES && filled === 0) return end.writers.length > 0 ? null : command;
  }
  if (isOver || filled + bytes <= MUCH_BYTES) {
    return bytes > MOST_SENT_BYTES && end.type !== 'pipe' ? { ...command, times: 1 } : command;
  }
  // Full on both machines, where one call waits. Over TCP there may be room again, when the system has made some.
  if (end.type === 'tcp') return null;
  return end.roomBytes === 0 && end.writers.length === 0 ? { ...command, times: 1 } : null;
}

/** Whether what is sent now, until there is no room, stays where it is. */
function flooding(end: StreamEnd): boolean {
  if (end.writers.length > 0 || end.peer.readers.length > 0) return false;
  return end.roomBytes === 0 || end.peer.state.received.length <= MUCH_BYTES;
}

/** Connections that Node has accepted, and no program: see `unaccepted` in docs/fidelity.md. */
function isUnaccepted(description: { queue: readonly unknown[] }): boolean {
  return description.queue.some((waiting) => waiting instanceof Arrival && waiting.taken);
}

function hasUnaccepted(process: SimProcess): boolean {
  return [...process.fds.values()].some((each) => isListener(each) && isUnaccepted(each));
}

function endsUnaccepted({ machine }: Scene, { who, group, signal }: Command & { op: 'kill' }): boolean {
  if (who < 0 || signal === 0 || signal === 'SIGSTOP') return false;
  const all = machine.table.all();
  const target = all[who % all.length]!;
  return all.some(
    (process) => (process === target || (group && process.pgid === target.pid)) && hasUnaccepted(process),
  );
}
