/** Streams over the descriptors of a process: pipes to its children, and its standard input and output. */
import { Readable, Writable } from 'node:stream';
import type { Operation, Pending } from '../ports/index.ts';
import { Reading } from './handle.ts';
import { type Caller, executeNow } from './script.ts';
import { sendAll } from './sending.ts';

const READ_BYTES = 65_536;

type Done = (error?: Error | null) => void;

export class DescriptorReader extends Readable {
  fd: number;
  readonly #caller: Caller;
  readonly #closes: boolean;
  readonly #reading: Reading;

  /** @param closes whether the descriptor is closed with the stream */
  constructor(caller: Caller, fd: number, { closes }: { readonly closes: boolean }) {
    super({ highWaterMark: READ_BYTES });
    this.#caller = caller;
    this.fd = fd;
    this.#closes = closes;
    this.#reading = new Reading(caller);
  }

  override _read(): void {
    if (this.#reading.isWaiting) return;
    this.#reading.next(
      readOperation(this.fd),
      (bytes) => this.push(bytes === '' ? null : Buffer.from(bytes, 'latin1')),
      (error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#reading.cancel();
    if (this.#closes && this.fd >= 0) executeNow(this.#caller, { op: 'close', fd: this.fd });
    this.fd = -1;
    done(error);
  }

  ref(): this {
    this.#reading.refer(true);
    return this;
  }

  unref(): this {
    this.#reading.refer(false);
    return this;
  }
}

export class DescriptorWriter extends Writable {
  fd: number;
  readonly #caller: Caller;
  readonly #closes: boolean;
  #writing: Pending | null = null;

  /** @param closes whether the descriptor is closed with the stream */
  constructor(caller: Caller, fd: number, { closes }: { readonly closes: boolean }) {
    super({ decodeStrings: true, autoDestroy: closes });
    this.#caller = caller;
    this.fd = fd;
    this.#closes = closes;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: Done): void {
    this.#writing = writeAll(this.#caller, this.fd, chunk, done);
  }

  override _final(done: Done): void {
    if (this.#closes) {
      try {
        executeNow(this.#caller, { op: 'shutdown', fd: this.fd } as unknown as Operation);
      } catch {
        // The other end is gone already.
      }
    }
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#writing?.cancel();
    if (this.#closes && this.fd >= 0) executeNow(this.#caller, { op: 'close', fd: this.fd });
    this.fd = -1;
    done(error);
  }
}

/** As much as libuv offers to read(2). */
export function readOperation(fd: number): Operation<'read'> {
  return { op: 'read', fd, length: READ_BYTES, position: null };
}

export function writeAll(caller: Caller, fd: number, chunk: Buffer, done: Done): Pending {
  const write = (data: string): Operation => ({ op: 'write', fd, data, position: null });
  return sendAll(caller, write, chunk.toString('latin1'), done);
}
