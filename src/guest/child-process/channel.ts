/** The channel of messages between a process and a child with `ipc`: a line of JSON for each message, as in Node. */
import type { EventEmitter } from 'node:events';
import { coded, invalidType } from '../../ports/node-errors.ts';
import { DescriptorWriter, readOperation } from '../descriptor-streams.ts';
import { Reading } from '../handle.ts';
import { GuestError } from '../modules/guest-error.ts';
import { type Caller, executeNow, nextTick } from '../script.ts';

/** The descriptor at which a child finds its channel, in its environment. */
export const CHANNEL_VARIABLE = 'NODE_CHANNEL_FD';

type Sent = (error: Error | null) => void;

/** One end of a channel. */
export class Channel {
  readonly #caller: Caller;
  readonly #owner: EventEmitter & { connected?: boolean; channel?: Channel | null };
  readonly #onEnd: () => void;
  readonly #reading: Reading;
  readonly #writer: DescriptorWriter;
  #fd: number;
  #text = '';
  /** They have arrived before the program listens. */
  #unheard: unknown[] = [];

  /**
   * @param isRef whether it keeps the process alive
   * @param onEnd the other process has closed its end
   */
  constructor(
    caller: Caller,
    owner: EventEmitter,
    fd: number,
    { isRef, onEnd = () => {} }: { readonly isRef: boolean; readonly onEnd?: () => void },
  ) {
    this.#caller = caller;
    this.#owner = owner;
    this.#fd = fd;
    this.#onEnd = onEnd;
    this.#reading = new Reading(caller, isRef);
    this.#writer = new DescriptorWriter(caller, fd, { closes: false });
    this.#writer.on('error', () => this.close());
    Object.assign(this.#owner, { connected: true, channel: this });
    this.#owner.on('newListener', () => this.#nextTick(() => this.#deliverUnheard()));
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
    this.#reading.cancel();
    const fd = this.#fd;
    this.#fd = -1;
    Object.assign(this.#owner, { connected: false, channel: null });
    this.#unheard = [];
    executeNow(this.#caller, { op: 'close', fd });
    this.#nextTick(() => this.#owner.emit('disconnect'));
  }

  ref(): void {
    this.#reading.refer(true);
  }

  unref(): void {
    this.#reading.refer(false);
  }

  #read(): void {
    const ends = (): void => {
      this.close();
      this.#onEnd();
    };
    this.#reading.next(
      readOperation(this.#fd),
      (bytes) => {
        if (bytes === '') {
          ends();
          return;
        }
        this.#read();
        this.#arrived(bytes);
      },
      ends,
    );
  }

  #arrived(bytes: string): void {
    this.#text += bytes;
    const lines = this.#text.split('\n');
    this.#text = lines.pop()!;
    for (const line of lines) {
      const message: unknown = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
      this.#nextTick(() => this.#emit(message));
    }
  }

  /** As in Node, a message waits for the first listener. */
  #emit(message: unknown): void {
    if (this.#owner.listenerCount('message') > 0) this.#owner.emit('message', message, undefined);
    else this.#unheard.push(message);
  }

  #deliverUnheard(): void {
    if (this.#owner.listenerCount('message') === 0) return;
    // All of them at once, even if the first one takes the listener away.
    for (const message of this.#unheard.splice(0))
      this.#nextTick(() => this.#owner.emit('message', message, undefined));
  }

  /** A handler may have ended the process meanwhile. */
  #nextTick(then: () => void): void {
    nextTick(() => {
      if ((this.#caller.process as { alive?: boolean }).alive !== false) then();
    });
  }
}
