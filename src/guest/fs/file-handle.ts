import { EventEmitter } from 'node:events';
import { type Caller, runAsPromise, type Script } from '../script.ts';
import * as scripts from './scripts/index.ts';

/** The result of `fs.promises.open`. */
export class FileHandle extends EventEmitter {
  readonly #caller: Caller;
  readonly #context: scripts.Context;
  #fd: number;

  constructor(caller: Caller, fd: number, context: scripts.Context) {
    super();
    this.#caller = caller;
    this.#fd = fd;
    this.#context = context;
  }

  get fd(): number {
    return this.#fd;
  }

  read(...args: unknown[]): Promise<scripts.ReadResult> {
    return this.#run(scripts.read(this.#fd, ...args));
  }

  write(data: unknown, ...args: unknown[]): Promise<scripts.WriteResult> {
    return this.#run(scripts.write(this.#fd, data, ...args));
  }

  readv(buffers: unknown, position?: unknown): Promise<scripts.VectorResult> {
    return this.#run(scripts.readv(this.#fd, buffers, position));
  }

  writev(buffers: unknown, position?: unknown): Promise<scripts.VectorResult> {
    return this.#run(scripts.writev(this.#fd, buffers, position));
  }

  chown(uid: unknown, gid: unknown): Promise<void> {
    return this.#run(scripts.fchown(this.#fd, uid, gid));
  }

  readFile(options?: unknown): Promise<string | Buffer> {
    return this.#run(scripts.readFile(this.#fd, options));
  }

  writeFile(data: unknown, options?: unknown): Promise<void> {
    return this.#run(scripts.writeFile(this.#fd, data, options));
  }

  appendFile(data: unknown, options?: unknown): Promise<void> {
    return this.#run(scripts.writeFile(this.#fd, data, options));
  }

  stat(options?: unknown): Promise<unknown> {
    return this.#run(scripts.fstat(this.#fd, options));
  }

  chmod(mode: unknown): Promise<void> {
    return this.#run(scripts.fchmod(this.#fd, mode));
  }

  utimes(atime: unknown, mtime: unknown): Promise<void> {
    return this.#run(scripts.futimes(this.#context, this.#fd, atime, mtime));
  }

  truncate(length?: unknown): Promise<void> {
    return this.#run(scripts.ftruncate(this.#fd, length));
  }

  sync(): Promise<void> {
    return this.#run(scripts.fsync(this.#fd));
  }

  datasync(): Promise<void> {
    return this.#run(scripts.fsync(this.#fd));
  }

  async close(): Promise<void> {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    await this.#run(scripts.close(fd));
    this.emit('close');
  }

  async [Symbol.for('nodejs.asyncDispose')](): Promise<void> {
    await this.close();
  }

  #run<T>(script: Script<T>): Promise<T> {
    return runAsPromise(this.#caller, script);
  }
}

/** Unwraps an argument that may be a descriptor, a path or a handle. */
export function fileOf(file: unknown): unknown {
  return file instanceof FileHandle ? file.fd : file;
}
