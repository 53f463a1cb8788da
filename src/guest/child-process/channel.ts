/** The channel of messages between a process and a child with `ipc`: a line of JSON for each message, as in Node. */
import type { EventEmitter } from 'node:events';
import type { Pending } from '../../ports/index.ts';
import { coded, invalidType } from '../../ports/node-errors.ts';
import { DescriptorWriter } from '../descriptor-streams.ts';
import { GuestError } from '../modules/guest-error.ts';
import { type Caller, executeNow, nextTick } from '../script.ts';

const READ_BYTES = 65_536;

/** The descriptor at which a child finds its channel, in its environment. */
export const CHANNEL_VARIABLE = 'NODE_CHANNEL_FD';

type Sent = (error: Error | null) => void;

/** One end of a channel. */
export class Channel {
  readonly #caller: Caller;
  readonly #owner: EventEmitter & { connected?: boolean };
  readonly #writer: DescriptorWriter;
  #fd: number;
  #pending: Pending | null = null;
  #isRef: boolean;
  #text = '';

  /** @param isRef whether it keeps the process alive */
  constructor(caller: Caller, owner: EventEmitter, fd: number, isRef: boolean) {
    this.#caller = caller;
    this.#owner = owner;
    this.#fd = fd;
    this.#isRef = isRef;
    this.#writer = new DescriptorWriter(caller, fd, { closes: false });
    this.#writer.on('error', () => this.close());
    this.#owner.connected = true;
    this.#read();
  }

  get isOpen(): boolean {
    return this.#fd >= 0;
  }

  send(message: unknown, ...rest: unknown[]): boolean {
    if (message === undefined) {
      const error = new TypeError('The "message" argument must be specified');
      throw coded(error, 'ERR_MISSING_ARGS');
    }
    if (!['string', 'object', 'number', 'boolean'].includes(typeof message))
      throw invalidType('message', 'one of type string, object, number, or boolean', message);
    const done = rest.find((each) => typeof each === 'function') as Sent | undefined;
    if (typeof rest[0] === 'object' && rest[0] !== null)
      throw new GuestError(
        'child_process: send(message, handle): a simulated process cannot pass a handle to another one. Let the other process open it itself',
      );
    if (!this.isOpen) {
      const error = coded(new Error('Channel closed'), 'ERR_IPC_CHANNEL_CLOSED');
      nextTick(() => (done === undefined ? this.#owner.emit('error', error) : done(error)));
      return false;
    }
    return this.#writer.write(`${JSON.stringify(message)}\n`, (error) => done?.(error ?? null));
  }

  disconnect(): void {
    if (this.isOpen) this.close();
    else {
      const error = coded(new Error('IPC channel is already disconnected'), 'ERR_IPC_DISCONNECTED');
      this.#owner.emit('error', error);
    }
  }

  /** Messages that have been sent still arrive. */
  close(): void {
    if (!this.isOpen) return;
    this.#pending?.cancel();
    if (this.#pending !== null && this.#isRef) this.#caller.over();
    this.#pending = null;
    const fd = this.#fd;
    this.#fd = -1;
    this.#owner.connected = false;
    executeNow(this.#caller, { op: 'close', fd });
    nextTick(() => this.#owner.emit('disconnect'));
  }

  ref(): void {
    if (!this.#isRef && this.#pending !== null) this.#caller.begun();
    this.#isRef = true;
  }

  unref(): void {
    if (this.#isRef && this.#pending !== null) this.#caller.over();
    this.#isRef = false;
  }

  #read(): void {
    const { machine, process } = this.#caller;
    if (this.#isRef) this.#caller.begun();
    const over = (): void => {
      this.#pending = null;
      if (this.#isRef) this.#caller.over();
    };
    this.#pending = machine.execute(
      process,
      { op: 'read', fd: this.#fd, length: READ_BYTES, position: null },
      (bytes: string) => {
        over();
        if (bytes === '') {
          this.close();
          return;
        }
        this.#read();
        this.#arrived(bytes);
      },
      () => {
        over();
        this.close();
      },
    );
  }

  #arrived(bytes: string): void {
    this.#text += bytes;
    const lines = this.#text.split('\n');
    this.#text = lines.pop()!;
    for (const line of lines) {
      const message: unknown = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
      nextTick(() => this.#owner.emit('message', message, undefined));
    }
  }
}
