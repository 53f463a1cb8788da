/**
 * Connected sockets and pipes, by their descriptors. They are read and written by read(2) and write(2) when an operation asks for it, and
 * not before: what a program has not received is still in the kernel, where closing the descriptor finds it, and a child that inherits it.
 */
import fs from 'node:fs';
import type { Socket } from 'node:net';
import { ignore } from '../ports/ignore.ts';
import type { Address, Bytes } from '../ports/index.ts';
import { READ_LIMIT_BYTES } from '../ports/limits.ts';
import { net } from './builtin.ts';
import type { Descriptors, Resource } from './descriptors.ts';
import { type Cancel, Failure, type Reply } from './reply.ts';
import { Listener } from './server.ts';

/** Node cannot wait for a descriptor without reading from it: it is asked again after so many ms, as long as there is nothing. */
const RETRIES_MS = [0, 1, 1, 2, 4, 8];
const IS_LINUX = process.platform === 'linux';
/** Of the end of a Unix connection that has no name. */
export const UNNAMED: Address = Object.freeze({ kind: 'unix', path: '' });

/** Calls that wait for a descriptor, in their order. */
class Turnstile {
  readonly #waiting: (() => boolean)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #tries = 0;

  /** @param attempt throws EAGAIN as long as it has to wait */
  add<Result>(attempt: () => Result, reply: Reply<Result>): Cancel {
    const goes = (): boolean => {
      let value: Result;
      try {
        value = attempt();
      } catch (error) {
        if ((error as { code?: unknown }).code === 'EAGAIN') return false;
        setImmediate(() => reply.reject(error));
        return true;
      }
      setImmediate(() => reply.resolve(value));
      return true;
    };
    this.#waiting.push(goes);
    if (this.#waiting.length === 1) this.#run();
    return () => {
      const at = this.#waiting.indexOf(goes);
      if (at >= 0) this.#waiting.splice(at, 1);
    };
  }

  /** What waits is tried once more, and fails: the descriptor is closed. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const goes of this.#waiting.splice(0)) goes();
  }

  #run(): void {
    this.#timer = null;
    while (this.#waiting[0]?.()) {
      this.#waiting.shift();
      this.#tries = 0;
    }
    if (this.#waiting.length === 0) return;
    const waitMs = RETRIES_MS[Math.min(this.#tries++, RETRIES_MS.length - 1)]!;
    this.#timer = setTimeout(() => this.#run(), waitMs);
  }
}

/** A connected socket, or one end of a pipe. */
export abstract class Stream implements Resource {
  readonly #reads = new Turnstile();
  readonly #writes = new Turnstile();
  protected isClosed = false;

  /** Of the operating system, and does not wait. */
  protected abstract readonly io: number;
  abstract readonly rawDescriptor: number;
  abstract readonly isSocket: boolean;

  read(length: number, reply: Reply<Bytes>): Cancel {
    const buffer = Buffer.allocUnsafe(Math.min(length, READ_LIMIT_BYTES));
    const attempt = (): Bytes => {
      this.#refuseClosed();
      return buffer.toString('latin1', 0, fs.readSync(this.io, buffer, 0, buffer.length, null));
    };
    // Nothing is there at once, even if others wait.
    return (length === 0 ? new Turnstile() : this.#reads).add(attempt, reply);
  }

  write(data: Bytes, reply: Reply<number>): Cancel {
    const buffer = Buffer.from(data, 'latin1');
    const attempt = (): number => {
      this.#refuseClosed();
      return fs.writeSync(this.io, buffer, 0, buffer.length, null);
    };
    return this.#writes.add(attempt, reply);
  }

  /** A descriptor for the standard input, output or error of a child, and what to do when the child has it. */
  abstract forChild(): { readonly fd: number; readonly passed: () => void };

  close(reply: Reply<void>): void {
    this.isClosed = true;
    this.#reads.close();
    this.#writes.close();
    this.release(reply);
  }

  protected abstract release(reply: Reply<void>): void;

  #refuseClosed(): void {
    if (this.isClosed) throw new Failure('EBADF');
  }
}

export class SocketStream extends Stream {
  readonly isSocket = true;
  readonly socket: Socket;
  readonly rawDescriptor: number;
  readonly #local: Address | null;
  readonly #remote: Address | null;

  /** @param socket of Node, which must not read from it @param local `null`: the socket knows it */
  constructor(socket: Socket, local: Address | null = null, remote: Address | null = null) {
    super();
    this.socket = socket;
    this.#local = local;
    this.#remote = remote;
    socket.on('error', ignore);
    // Node has no public way to read it.
    this.rawDescriptor = handleOf(socket).fd;
  }

  protected get io(): number {
    return this.rawDescriptor;
  }

  get local(): Address {
    const { localAddress: host, localPort: tcpPort } = this.socket;
    if (this.#local !== null) return this.#local;
    return host === undefined || tcpPort === undefined ? UNNAMED : { kind: 'tcp', host, tcpPort };
  }

  get remote(): Address {
    const { remoteAddress: host, remotePort: tcpPort } = this.socket;
    if (this.#remote !== null) return this.#remote;
    return host === undefined || tcpPort === undefined ? UNNAMED : { kind: 'tcp', host, tcpPort };
  }

  shutdown(reply: Reply<void>): void {
    if (this.socket.writableEnded) queueMicrotask(() => reply.resolve());
    else this.socket.end(() => reply.resolve());
  }

  reset(reply: Reply<void>): void {
    if (this.socket.remoteAddress === undefined) throw new Failure('EINVAL');
    this.isClosed = true;
    this.socket.once('close', () => reply.resolve());
    this.socket.resetAndDestroy();
  }

  /** libuv lets what a child gets as its input or output wait in read(2): for this process too, which shares it. */
  forChild(): { readonly fd: number; readonly passed: () => void } {
    return { fd: this.rawDescriptor, passed: () => handleOf(this.socket).setBlocking?.(false) };
  }

  protected release(reply: Reply<void>): void {
    this.socket.once('close', () => reply.resolve());
    this.socket.destroy();
  }
}

/** One end of a pipe. */
export class PipeStream extends Stream {
  readonly isSocket = false;
  readonly rawDescriptor: number;
  protected readonly io: number;

  /** @param io the same end by a descriptor that does not wait, if `rawDescriptor` does */
  constructor(rawDescriptor: number, io: number = rawDescriptor) {
    super();
    this.rawDescriptor = rawDescriptor;
    this.io = io;
  }

  /** By a description of its own, which libuv lets wait: programs expect that. */
  forChild(): { readonly fd: number; readonly passed: () => void } {
    if (!IS_LINUX) return { fd: this.rawDescriptor, passed: ignore };
    const fd = openAgain(this.rawDescriptor);
    return { fd, passed: () => fs.closeSync(fd) };
  }

  protected release(reply: Reply<void>): void {
    if (this.io !== this.rawDescriptor) fs.closeSync(this.io);
    fs.closeSync(this.rawDescriptor);
    setImmediate(() => reply.resolve());
  }
}

/** A stream that this process has opened, or has inherited; `null`: the descriptor is of something else. @throws EBADF */
export function streamAt(descriptors: Descriptors, fd: number): Stream | null {
  const known = descriptors.get(fd);
  if (known !== undefined) return known instanceof Stream ? known : null;
  const stat = fs.fstatSync(fd);
  const adopted = stat.isFIFO() ? adoptPipe(fd) : stat.isSocket() ? adoptSocket(fd) : null;
  if (adopted !== null) descriptors.put(fd, adopted);
  return adopted;
}

/** @throws EBADF, ENOTSOCK; EINVAL of a listening socket */
export function socketAt(descriptors: Descriptors, fd: number): SocketStream {
  if (descriptors.get(fd) instanceof Listener) throw new Failure('EINVAL');
  const stream = streamAt(descriptors, fd);
  if (!(stream instanceof SocketStream)) throw new Failure('ENOTSOCK');
  return stream;
}

/** Of a connected socket; `undefined`: it is none that this process has used. */
export function localAddress(descriptors: Descriptors, fd: number): Address | undefined {
  const resource = descriptors.get(fd);
  if (resource instanceof PipeStream) throw new Failure('ENOTSOCK');
  return resource instanceof SocketStream ? resource.local : undefined;
}

interface Handle {
  readonly fd: number;
  setBlocking?(blocks: boolean): void;
}

function handleOf(socket: Socket): Handle {
  return (socket as unknown as { _handle: Handle })._handle;
}

function adoptPipe(fd: number): PipeStream {
  if (!IS_LINUX) throw new Failure('ENOSYS');
  return new PipeStream(fd, openAgain(fd));
}

/** The same end of a pipe by a description of its own, which does not wait. Opening it does not wait for the other end either. */
function openAgain(fd: number): number {
  const { O_RDONLY, O_NONBLOCK } = fs.constants;
  const path = `/proc/self/fd/${fd}`;
  const mode = accessModeOf(fd);
  if (mode === O_RDONLY) return fs.openSync(path, mode | O_NONBLOCK);
  // Without anything that reads, it could not be opened to be written: ENXIO.
  const reader = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    return fs.openSync(path, mode | O_NONBLOCK);
  } finally {
    fs.closeSync(reader);
  }
}

function adoptSocket(fd: number): SocketStream {
  const options = { fd, allowHalfOpen: true, manualStart: true };
  return new SocketStream(new (net().Socket)(options).pause());
}

/** O_RDONLY, O_WRONLY or O_RDWR. Linux only. */
function accessModeOf(fd: number): number {
  const [, flags = '0'] =
    /^flags:\s+([0-7]+)$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
  return Number.parseInt(flags, 8) & (fs.constants.O_WRONLY | fs.constants.O_RDWR);
}
