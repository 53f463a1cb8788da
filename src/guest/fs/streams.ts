import { Readable, Writable } from 'node:stream';
import { toOptions } from './arguments.ts';

// biome-ignore lint/suspicious/noExplicitAny: functions of node:fs by name, called with arguments of any type.
type Functions = Readonly<Record<string, any>>;

const READ_CHUNK_BYTES = 64 * 1024;

/** Streams built on `open`, `read`, `write` and `close`, looked up at each call because libraries patch them. */
export function streamsOf(fs: Functions): Record<string, unknown> {
  class ReadStream extends Readable {
    readonly path: unknown;
    fd: number | null;
    bytesRead = 0;
    readonly #flags: unknown;
    readonly #start: number | null;
    #left: number;

    constructor(path: unknown, options?: unknown) {
      const { fd, flags, start, end, encoding, highWaterMark, autoClose } = toOptions(options);
      super({
        autoDestroy: autoClose !== false,
        highWaterMark: typeof highWaterMark === 'number' ? highWaterMark : READ_CHUNK_BYTES,
        ...(typeof encoding === 'string' && { encoding: encoding as BufferEncoding }),
      });
      this.path = path;
      this.fd = typeof fd === 'number' ? fd : null;
      this.#flags = flags ?? 'r';
      this.#start = typeof start === 'number' ? start : null;
      this.#left = typeof end === 'number' ? end - (this.#start ?? 0) + 1 : Number.POSITIVE_INFINITY;
    }

    override _construct(done: (error?: Error | null) => void): void {
      opened(this, fs, this.#flags, 0o666, done);
    }

    override _read(size: number): void {
      const length = Math.min(size, this.#left);
      if (length <= 0) {
        this.push(null);
        return;
      }
      const position = this.#start === null ? null : this.#start + this.bytesRead;
      fs.read(
        this.fd,
        Buffer.alloc(length),
        0,
        length,
        position,
        (error: Error | null, n: number, buffer: Buffer) => {
          if (error !== null) {
            this.destroy(error);
            return;
          }
          this.bytesRead += n;
          this.#left -= n;
          this.push(n > 0 ? buffer.subarray(0, n) : null);
        },
      );
    }

    override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
      closed(this, fs, error, done);
    }
  }

  class WriteStream extends Writable {
    readonly path: unknown;
    fd: number | null;
    bytesWritten = 0;
    readonly #flags: unknown;
    readonly #mode: unknown;
    readonly #start: number | null;

    constructor(path: unknown, options?: unknown) {
      const { fd, flags, mode, start, encoding, autoClose } = toOptions(options);
      super({
        autoDestroy: autoClose !== false,
        decodeStrings: true,
        ...(typeof encoding === 'string' && { defaultEncoding: encoding as BufferEncoding }),
      });
      this.path = path;
      this.fd = typeof fd === 'number' ? fd : null;
      this.#flags = flags ?? 'w';
      this.#mode = mode ?? 0o666;
      this.#start = typeof start === 'number' ? start : null;
    }

    override _construct(done: (error?: Error | null) => void): void {
      opened(this, fs, this.#flags, this.#mode, done);
    }

    override _write(data: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
      const position = this.#start === null ? null : this.#start + this.bytesWritten;
      fs.write(this.fd, data, 0, data.length, position, (error: Error | null, n: number) => {
        if (error !== null) {
          done(error);
          return;
        }
        this.bytesWritten += n;
        if (n < data.length) this._write(data.subarray(n), 'utf8', done);
        else done();
      });
    }

    override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
      closed(this, fs, error, done);
    }
  }

  return {
    ReadStream,
    WriteStream,
    createReadStream: (path: unknown, options?: unknown) => new ReadStream(path, options),
    createWriteStream: (path: unknown, options?: unknown) => new WriteStream(path, options),
  };
}

interface Opened {
  readonly path: unknown;
  fd: number | null;
  emit(event: string, value: unknown): boolean;
}

function opened(
  stream: Opened,
  fs: Functions,
  flags: unknown,
  mode: unknown,
  done: (error?: Error | null) => void,
): void {
  if (stream.fd !== null) {
    done();
    return;
  }
  fs.open(stream.path, flags, mode, (error: Error | null, fd: number) => {
    if (error !== null) {
      done(error);
      return;
    }
    stream.fd = fd;
    done();
    stream.emit('open', fd);
  });
}

function closed(
  stream: Opened,
  fs: Functions,
  error: Error | null,
  done: (error?: Error | null) => void,
): void {
  const { fd } = stream;
  stream.fd = null;
  if (fd === null) done(error);
  else fs.close(fd, (failure: Error | null) => done(error ?? failure));
}
