import net from 'node:net';
import { NodeMachine } from '../../src/node/index.ts';
import type { Operation, Pending, Signal } from '../../src/ports/index.ts';
import { fromLine, toLine } from './wire.ts';

/** One actor on the real machine: executes operations that are sent to it, each through the operation table. */

export type ToAgent =
  | { readonly kind: 'do'; readonly id: number; readonly operation: Operation }
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
  if (op === 'open' || op === 'opendir' || op === 'listen') descriptors.add(value as number);
  if (op === 'accept') descriptors.add((value as { request: number }).request);
  if (op === 'close') descriptors.delete((rest as { fd: number }).fd);
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
