/** Streams over the descriptors of a process: pipes to its children, and its standard input and output. */
import { Readable, Writable } from 'node:stream';
import { hasCode, isSystemError, type Operation, type Pending } from '../ports/index.ts';
import { type Caller, executeNow } from './script.ts';

const READ_BYTES = 65_536;

export class DescriptorReader extends Readable {
  fd: number;
  readonly #caller: Caller;
  readonly #closes: boolean;
  #pending: Pending | null = null;
  #isRef = true;

  /** @param closes whether the descriptor is closed with the stream */
  constructor(caller: Caller, fd: number, { closes }: { readonly closes: boolean }) {
    super({ highWaterMark: READ_BYTES });
    this.#caller = caller;
    this.fd = fd;
    this.#closes = closes;
  }

  override _read(): void {
    if (this.#pending !== null) return;
    const { machine, process } = this.#caller;
    if (this.#isRef) this.#caller.begun();
    const over = (): void => {
      this.#pending = null;
      if (this.#isRef) this.#caller.over();
    };
    this.#pending = machine.execute(
      process,
      { op: 'read', fd: this.fd, length: READ_BYTES, position: null },
      (bytes: string) => {
        over();
        this.push(bytes === '' ? null : Buffer.from(bytes, 'latin1'));
      },
      (error) => {
        over();
        this.destroy(error);
      },
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#pending !== null) {
      this.#pending.cancel();
      this.#pending = null;
      if (this.#isRef) this.#caller.over();
    }
    if (this.#closes && this.fd >= 0) executeNow(this.#caller, { op: 'close', fd: this.fd });
    this.fd = -1;
    done(error);
  }

  ref(): this {
    if (!this.#isRef && this.#pending !== null) this.#caller.begun();
    this.#isRef = true;
    return this;
  }

  unref(): this {
    if (this.#isRef && this.#pending !== null) this.#caller.over();
    this.#isRef = false;
    return this;
  }
}

export class DescriptorWriter extends Writable {
  fd: number;
  readonly #caller: Caller;
  readonly #closes: boolean;

  /** @param closes whether the descriptor is closed with the stream */
  constructor(caller: Caller, fd: number, { closes }: { readonly closes: boolean }) {
    super({ decodeStrings: true, autoDestroy: closes });
    this.#caller = caller;
    this.fd = fd;
    this.#closes = closes;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    writeAll(this.#caller, this.fd, chunk.toString('latin1'), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#closes) {
      try {
        executeNow(this.#caller, { op: 'shutdown', fd: this.fd } as unknown as Operation);
      } catch {
        // The other end is gone already.
      }
    }
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#closes && this.fd >= 0) executeNow(this.#caller, { op: 'close', fd: this.fd });
    this.fd = -1;
    done(error);
  }
}

/** As libuv does it: what can be written is written at once; it waits only for what there is no room for. */
export function writeAll(
  caller: Caller,
  fd: number,
  bytes: string,
  done: (error?: Error | null) => void,
): void {
  const { machine, process } = caller;
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.slice(executeNow(caller, { op: 'write', fd, data: rest, position: null }) as number);
    } catch (error) {
      if (!hasCode(error, 'EAGAIN')) {
        if (!isSystemError(error)) throw error;
        done(error);
        return;
      }
      caller.begun();
      machine.execute(
        process,
        { op: 'write', fd, data: rest, position: null },
        (written: number) => {
          caller.over();
          writeAll(caller, fd, rest.slice(written), done);
        },
        (failure) => {
          caller.over();
          done(failure);
        },
      );
      return;
    }
  }
  done();
}
