/** The connection of a process to its coordinator. It can also be read while the event loop stands still. */
import { readSync, writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { Lines, lineOf, type Message, type Order } from '../protocol.ts';

const LOOK_EVERY_MS = 0.2;
const CHUNK_BYTES = 65_536;

export class Channel {
  readonly #socket: Socket;
  readonly #receive: (order: Order) => void;
  readonly #lines = new Lines<Order>();
  readonly #decoder = new StringDecoder('utf8');
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  /** Orders that came while a synchronous caller waited for another one. */
  readonly #later: Order[] = [];

  /** Without its coordinator a process ends. */
  static open(path: string, receive: (order: Order) => void): Promise<Channel> {
    return new Promise((resolve) => {
      const socket = connect(path);
      socket.once('connect', () => resolve(new Channel(socket, receive)));
      socket.once('error', () => process.exit(1));
    });
  }

  private constructor(socket: Socket, receive: (order: Order) => void) {
    this.#socket = socket;
    this.#receive = receive;
    socket.on('data', (chunk) => {
      for (const order of this.#lines.add(this.#decoder.write(chunk))) this.#receive(order);
    });
    socket.once('close', () => process.exit(1));
  }

  /** At once, also if the event loop does not go on afterwards. */
  send(message: Message): void {
    const bytes = Buffer.from(lineOf(message));
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(this.#fd, bytes, at);
      } catch (error) {
        this.#pauseIfBusy(error);
      }
    }
  }

  /** Blocks until an order comes that `fits`. Others are carried out afterwards. */
  waitFor(fits: (order: Order) => boolean): Order {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      let length: number;
      try {
        length = readSync(this.#fd, chunk, 0, CHUNK_BYTES, null);
      } catch (error) {
        this.#pauseIfBusy(error);
        continue;
      }
      if (length === 0) process.exit(1);
      const orders = this.#lines.add(this.#decoder.write(chunk.subarray(0, length)));
      const at = orders.findIndex(fits);
      if (at < 0) {
        this.#later.push(...orders);
        continue;
      }
      this.#later.push(...orders.slice(0, at), ...orders.slice(at + 1));
      if (this.#later.length > 0) setImmediate(() => this.#catchUp());
      return orders[at]!;
    }
  }

  #catchUp(): void {
    for (const order of this.#later.splice(0)) this.#receive(order);
  }

  /** Node does not show it otherwise. */
  get #fd(): number {
    return (this.#socket as unknown as { _handle: { fd: number } })._handle.fd;
  }

  #pauseIfBusy(error: unknown): void {
    const { code } = error as { code?: unknown };
    if (code !== 'EAGAIN') process.exit(1);
    Atomics.wait(this.#cell, 0, 0, LOOK_EVERY_MS);
  }
}
