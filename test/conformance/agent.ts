import fs from 'node:fs';
import net from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { NodeMachine } from '../../src/node/index.ts';
import type { Operation, Pending, Signal } from '../../src/ports/index.ts';
import type { Outcome } from './script.ts';
import { repeated } from './stream-commands.ts';
import { fromLine, toLine } from './wire.ts';

/** One actor on the real machine: executes operations that are sent to it, each through the operation table. */

export type ToAgent =
  | { readonly kind: 'do' | 'once' | 'again'; readonly id: number; readonly operation: Operation }
  | { readonly kind: 'ping' | 'reset'; readonly id: number };

export type FromAgent =
  | { readonly kind: 'hello'; readonly pid: number }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'code'; readonly id: number; readonly code: string };

const [control = '', ...own] = process.argv.slice(2);

const HANDLED: readonly Signal[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR2',
  'SIGTERM',
  'SIGCHLD',
  'SIGCONT',
];
/** Turns of the event loop that a ping takes, so that what had arrived before it has been dealt with. */
const TURNS = 3;
/** Longer than an acknowledgement over TCP is delayed (40 ms). */
const IDLE_TURNS = 6;
const IDLE_MS = 12;

/** What results in a descriptor. */
const OPENING: ReadonlySet<string> = new Set(['open', 'opendir', 'listen', 'connectStream', 'acceptStream']);

const TITLE = process.title;

const programs = {
  agent: [process.execPath, process.argv[1]!, control, ...own],
  idle: ['/bin/sleep', '100000'],
  exit: ['/bin/sh', '-c', 'exit $0'],
};

let machine: NodeMachine;
let pending: Set<Pending>;
let descriptors: Set<number>;
begin();

const socket = net.connect(control);
socket.setEncoding('utf8');
socket.once('connect', () => send({ kind: 'hello', pid: process.pid }));
// The process that says what to do is gone.
socket.once('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
let rest = '';
socket.on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop()!;
  for (const line of lines) receive(fromLine<ToAgent>(line));
});

function receive(message: ToAgent): void {
  const { id } = message;
  if (message.kind === 'do') execute(id, message.operation);
  else if (message.kind === 'once') {
    const outcome = atOnce(message.operation);
    send('code' in outcome ? { kind: 'code', id, ...outcome } : { kind: 'value', id, ...outcome });
  } else if (message.kind === 'again') void again(id, message.operation);
  else if (message.kind === 'ping') turn(TURNS, () => send({ kind: 'value', id, value: null }));
  else void reset().then(() => send({ kind: 'value', id, value: null }));
}

function execute(id: number, operation: Operation): void {
  const withdraw: { pending: Pending | null } = { pending: null };
  const settled = (): void => {
    if (withdraw.pending !== null) pending.delete(withdraw.pending);
  };
  withdraw.pending = machine.execute(
    null,
    operation,
    (value: unknown) => {
      settled();
      note(operation, value);
      send({ kind: 'value', id, value });
    },
    ({ code }) => {
      settled();
      send({ kind: 'code', id, code });
    },
  );
  pending.add(withdraw.pending);
}

function note({ op, ...rest }: Operation, value: unknown): void {
  if (OPENING.has(op)) descriptors.add(value as number);
  if (op === 'accept') descriptors.add((value as { request: number }).request);
  if (op === 'pipe' || op === 'socketpair')
    for (const fd of Object.values(value as Record<string, number>)) descriptors.add(fd);
  if (op === 'close' || op === 'reset') descriptors.delete((rest as { fd: number }).fd);
}

/** One call of the operating system for a stream: its descriptor is the system's, and does not wait. */
function atOnce(operation: Operation): Outcome {
  try {
    if (operation.op === 'write' || operation.op === 'send')
      return { value: fs.writeSync(operation.fd, Buffer.from(operation.data, 'latin1')) };
    const { fd, length } = operation as Operation<'read' | 'recv'>;
    const buffer = Buffer.allocUnsafe(length);
    return { value: buffer.toString('latin1', 0, fs.readSync(fd, buffer, 0, length, null)) };
  } catch (error) {
    return { code: (error as { code: string }).code };
  }
}

/** Until there has been nothing more for some turns: what is underway over TCP is on its way in the kernel. */
async function again(id: number, operation: Operation): Promise<void> {
  let bytes = 0;
  for (let idle = 0; ; ) {
    const more = repeated(() => atOnce(operation));
    bytes += more.bytes;
    idle = more.bytes > 0 ? 0 : idle + 1;
    if (more.last !== 'EAGAIN' || idle > IDLE_TURNS) {
      send({ kind: 'value', id, value: { bytes, last: more.last } });
      return;
    }
    await setTimeout(IDLE_MS);
  }
}

function begin(): void {
  if (process.title !== TITLE) process.title = TITLE;
  machine = new NodeMachine({ stdout: 'ignore', stderr: 'ignore', programs });
  pending = new Set();
  descriptors = new Set();
}

/** As new, for the next script. */
async function reset(): Promise<void> {
  for (const waiting of pending) waiting.cancel();
  for (const fd of descriptors) {
    await new Promise<void>((resolve) => {
      machine.execute(
        null,
        { op: 'close', fd },
        () => resolve(),
        () => resolve(),
      );
    });
  }
  for (const signal of HANDLED) process.removeAllListeners(signal);
  begin();
}

function turn(turns: number, then: () => void): void {
  if (turns === 0) then();
  else setImmediate(() => turn(turns - 1, then));
}

function send(message: FromAgent): void {
  socket.write(toLine(message));
}
