/** `net.Socket`: a Duplex over a connected socket of the machine. */
import { Duplex } from 'node:stream';
import type { Operation, Pending } from '../../ports/index.ts';
import { Reading, request } from '../handle.ts';
import { nextTick } from '../script.ts';
import { sendAll } from '../sending.ts';
import { argumentsOf, targetOf } from './addresses.ts';
import { Connecting } from './connecting.ts';
import { closeNow, type NetContext } from './context.ts';
import { closedBefore, closedError, socketClosed, socketError } from './errors.ts';
import { IdleTimer } from './idle-timer.ts';
import { ConnectionNames, familyOf } from './names.ts';
import { isIPv6 } from './node.ts';

/** As much as libuv offers to read(2). */
const READ_BYTES = 65_536;

type Done = (error?: Error | null) => void;

/** A server that counts the connections it has. */
export interface Counting {
  readonly connected: Set<SimSocket>;
  emitCloseIfDrained(): void;
}

export class SimSocket extends Duplex {
  connecting = false;
  /** In milliseconds; undefined: never set. */
  timeout: number | undefined;
  bytesRead = 0;
  /** What http's server and agent put there. */
  declare server: unknown;
  readonly #net: NetContext;
  readonly #reading: Reading;
  #names: ConnectionNames;
  readonly #idle: IdleTimer;
  #fd: number | null = null;
  #sent = 0;
  #counting: Counting | null = null;
  #attempt: Connecting | null = null;
  #sending: Pending | null = null;
  #closes: 'close' | 'reset' = 'close';

  constructor(net: NetContext, given: unknown = {}) {
    const options = (typeof given === 'number' ? {} : (given ?? {})) as Record<string, unknown>;
    super({
      ...(options as object),
      allowHalfOpen: Boolean(options.allowHalfOpen),
      emitClose: false,
      autoDestroy: true,
      decodeStrings: true,
      ...(typeof options.fd !== 'number' && { readable: true, writable: true }),
    });
    this.#net = net;
    this.#reading = new Reading(net.caller);
    this.#names = new ConnectionNames(net);
    this.#idle = new IdleTimer(net.timers, () => this.emit('timeout'));
    if (typeof options.fd === 'number') this.#fd = options.fd;
    this.on('end', () => {
      if (!this.allowHalfOpen) this.write = this.#writeAfterEnd as this['write'];
    });
    const { signal } = options as { signal?: AbortSignal };
    signal?.addEventListener('abort', () => this.destroy(signal.reason as Error), { once: true });
  }

  /** An accepted connection. */
  static accepted(socket: SimSocket, fd: number, counting: Counting, isPaused: boolean): void {
    socket.#counting = counting;
    counting.connected.add(socket);
    socket.#fd = fd;
    if (isPaused) socket.pause();
    else socket.read(0);
  }

  get remoteAddress(): string | undefined {
    return this.#names.of('remote', this.#fd)?.host;
  }

  get remotePort(): number | undefined {
    return this.#names.of('remote', this.#fd)?.tcpPort;
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress);
  }

  get localAddress(): string | undefined {
    return this.#names.of('local', this.#fd)?.host;
  }

  get localPort(): number | undefined {
    return this.#names.of('local', this.#fd)?.tcpPort;
  }

  get localFamily(): string | undefined {
    return familyOf(this.localAddress);
  }

  get bytesWritten(): number {
    return this.#sent + this.writableLength;
  }

  get pending(): boolean {
    return this.#fd === null || this.connecting;
  }

  get readyState(): string {
    if (this.connecting) return 'opening';
    if (this.#fd === null) return 'closed';
    if (this.readable && this.writable) return 'open';
    return this.readable ? 'readOnly' : this.writable ? 'writeOnly' : 'closed';
  }

  get bufferSize(): number {
    return this.writableLength;
  }

  connect(...given: unknown[]): this {
    const [options, callback] = argumentsOf(Array.isArray(given[0]) ? given[0] : given);
    const target = targetOf(options);
    // As in Node, a socket that was closed may be connected again.
    if (this.destroyed) this.#begins();
    if (callback !== undefined) this.once('connect', callback);
    if (typeof options.timeout === 'number') this.setTimeout(options.timeout);
    this.connecting = true;
    this.#attempt = new Connecting(this.#net, target, {
      lookedUp: (host, error, address) => {
        this.emit('lookup', error, address, address === undefined ? undefined : 4, host);
      },
      attempts: ({ host, tcpPort }) => {
        this.emit('connectionAttempt', host, tcpPort, isIPv6(host) ? 6 : 4);
      },
      opened: (fd) => {
        this.#fd = fd;
      },
      connected: (fd) => this.#hasConnected(fd),
      failed: (error) => {
        this.#attempt = null;
        this.destroy(error);
      },
    });
    return this;
  }

  #begins(): void {
    (this as unknown as { _undestroy(): void })._undestroy();
    this.write = super.write;
    this.#names = new ConnectionNames(this.#net);
    this.#closes = 'close';
    this.bytesRead = 0;
    this.#sent = 0;
  }

  #hasConnected(fd: number): void {
    this.#attempt = null;
    this.connecting = false;
    this.#fd = fd;
    this.emit('connect');
    this.emit('ready');
    if (this.readable && !this.isPaused()) this.read(0);
  }

  /** The other end has ended, and so has this one. */
  #writeAfterEnd(...given: Parameters<Duplex['write']>): boolean {
    if (!this.writableEnded) return super.write(...given);
    const done = given.find((one) => typeof one === 'function') as Done | undefined;
    const error = closedError();
    if (done !== undefined) nextTick(() => done(error));
    this.destroy(error);
    return false;
  }

  override _read(): void {
    if (this.connecting || this.#fd === null) {
      this.once('connect', () => this._read());
      return;
    }
    if (this.#reading.isWaiting || this.destroyed) return;
    this.#reading.next(
      { op: 'recv', fd: this.#fd, length: READ_BYTES },
      (bytes) => this.#received(bytes),
      (error) => this.destroy(socketError(error, 'read')),
    );
  }

  #received(bytes: string): void {
    this.#idle.refresh();
    this.bytesRead += bytes.length;
    if (bytes === '') {
      this.push(null);
      this.read(0);
    } else if (this.push(Buffer.from(bytes, 'latin1'))) this._read();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: Done): void {
    this.#whenConnected(() => this.#sendAll(chunk.toString('latin1'), done), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    const all = Buffer.concat(chunks.map(({ chunk }) => chunk)).toString('latin1');
    this.#whenConnected(() => this.#sendAll(all, done), done);
  }

  override _final(done: Done): void {
    if (this.connecting) {
      this.once('connect', () => this._final(done));
      return;
    }
    if (this.#fd === null) {
      done();
      return;
    }
    request(
      this.#net.caller,
      { op: 'shutdown', fd: this.#fd },
      () => done(),
      () => done(),
    );
  }

  #whenConnected(then: () => void, done: Done): void {
    if (!this.connecting) {
      then();
      return;
    }
    const onClose = (): void => done(closedBefore());
    this.once('connect', () => {
      this.off('close', onClose);
      then();
    });
    this.once('close', onClose);
  }

  #sendAll(bytes: string, done: Done): void {
    const fd = this.#fd;
    if (fd === null) {
      done(socketClosed());
      return;
    }
    this.#idle.refresh();
    const send = (data: string): Operation => ({ op: 'send', fd, data });
    this.#sending = sendAll(
      this.#net.caller,
      send,
      bytes,
      (error) => done(error ? socketError(error, 'write') : error),
      (count) => {
        this.#idle.refresh();
        this.#sent += count;
      },
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.connecting = false;
    this.#idle.stop();
    this.#reading.cancel();
    this.#attempt?.cancel();
    this.#sending?.cancel();
    const { caller, turn, isAlive } = this.#net;
    const fd = this.#fd;
    this.#fd = null;
    const emitClose = (): void => void (isAlive() && this.emit('close', error !== null));
    if (fd === null) {
      done(error);
      nextTick(emitClose);
    } else {
      closeNow(caller, fd, this.#closes);
      turn(emitClose);
      done(error);
    }
    const counting = this.#counting;
    this.#counting = null;
    if (counting === null) return;
    counting.connected.delete(this);
    counting.emitCloseIfDrained();
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    if (this.#fd !== null && this.#names.of('local', this.#fd) !== null) this.#closes = 'reset';
    else if (this.connecting) this.once('connect', () => this.resetAndDestroy());
    else return this.destroy(socketClosed());
    return this.connecting ? this : this.destroy();
  }

  setTimeout(ms: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = ms;
    this.#idle.set(ms);
    if (callback === undefined) return this;
    if (ms > 0) this.once('timeout', callback);
    else this.removeListener('timeout', callback);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  address(): object {
    if (this.localAddress === undefined) return {};
    return { address: this.localAddress, family: this.localFamily, port: this.localPort };
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
