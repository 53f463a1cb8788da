/** `net.Socket`: a Duplex over a connected socket of the machine. */
import { Duplex } from 'node:stream';
import { type Address, hasCode, isSystemError, type Operation, type Pending } from '../../ports/index.ts';
import { executeNow, nextTick } from '../script.ts';
import type { Timeout } from '../timer-handles.ts';
import { argumentsOf, targetOf } from './addresses.ts';
import { closedBefore, closedError, connectError, lookupError, socketClosed, socketError } from './errors.ts';
import { closeNow, Handle, type NetContext, request } from './handle.ts';
import { isIPv6 } from './node.ts';

/** As much as libuv offers to read(2). */
const READ_BYTES = 65_536;
/** Linux gives up after so long (net.ipv4.tcp_syn_retries is 6). */
const CONNECT_TIMEOUT_MS = 127_000;

type Done = (error?: Error | null) => void;
type TcpAddress = Address & { kind: 'tcp' };

/** A server that counts the connections it has. */
export interface Counting {
  readonly connected: Set<SimSocket>;
  emitCloseIfDrained(): void;
}

export class SimSocket extends Duplex {
  connecting = false;
  timeout = 0;
  bytesRead = 0;
  /** What http's server and agent put there. */
  declare server: unknown;
  readonly #net: NetContext;
  readonly #handle: Handle;
  #fd: number | null = null;
  readonly #names: { local?: TcpAddress | null; remote?: TcpAddress | null } = {};
  #sent = 0;
  #counting: Counting | null = null;
  #recv: Pending | null = null;
  #connect: Pending | null = null;
  #send: Pending | null = null;
  #timer: Timeout | null = null;
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
    this.#handle = new Handle(net.caller);
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
    return this.#name('remote')?.host;
  }

  get remotePort(): number | undefined {
    return this.#name('remote')?.tcpPort;
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress);
  }

  get localAddress(): string | undefined {
    return this.#name('local')?.host;
  }

  get localPort(): number | undefined {
    return this.#name('local')?.tcpPort;
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
    if (callback !== undefined) this.once('connect', callback);
    if (typeof options.timeout === 'number') this.setTimeout(options.timeout);
    this.connecting = true;
    const { address } = target;
    if (address.kind === 'unix') this.#connectTo(address);
    else if (!target.isName)
      nextTick(() => this.connecting && this.#net.isAlive() && this.#connectTo(address));
    else this.#lookUp(address);
    return this;
  }

  /** A name is looked up in a turn of the event loop. */
  #lookUp(address: Address & { kind: 'tcp' }): void {
    this.#net.turn(() => {
      if (!this.connecting) return;
      if (address.host.toLowerCase() !== 'localhost') {
        this.emit('lookup', lookupError(address.host), undefined, undefined, address.host);
        this.connecting = false;
        this.destroy(lookupError(address.host));
        return;
      }
      this.emit('lookup', null, '127.0.0.1', 4, address.host);
      this.#connectTo({ ...address, host: '127.0.0.1' });
    });
  }

  /** To a Unix socket at once, as connect(2) does it; the program learns of it in a later turn. */
  #connectTo(address: Address): void {
    const { caller, turn } = this.#net;
    const operation: Operation = { op: 'connectStream', address, timeoutMs: CONNECT_TIMEOUT_MS };
    const failed = (error: unknown): void => this.#hasNotConnected(address, error);
    if (address.kind === 'tcp') {
      this.#connect = request(caller, operation, (fd: number) => this.#hasConnected(fd), failed);
      return;
    }
    try {
      const fd = executeNow(caller, operation) as number;
      this.#fd = fd;
      turn(() => this.#hasConnected(fd));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      turn(() => failed(error));
    }
  }

  #hasConnected(fd: number): void {
    this.#connect = null;
    if (this.destroyed) return;
    this.connecting = false;
    this.#fd = fd;
    this.emit('connect');
    this.emit('ready');
    if (this.readable && !this.isPaused()) this.read(0);
  }

  #hasNotConnected(address: Address, error: unknown): void {
    this.#connect = null;
    if (this.destroyed) return;
    this.connecting = false;
    const isTcp = address.kind === 'tcp';
    this.destroy(
      connectError(error, isTcp ? address.host : address.path, isTcp ? address.tcpPort : undefined),
    );
  }

  /** As in Node it is there as long as the connection is open; that of the other end is remembered once it was asked for. */
  #name(which: 'local' | 'remote'): TcpAddress | null {
    const known = this.#names[which];
    if (known !== undefined && (which === 'remote' || this.#fd !== null)) return known;
    if (this.#fd === null) return null;
    const name = this.#askName(which, this.#fd);
    this.#names[which] = name;
    return name;
  }

  #askName(which: 'local' | 'remote', fd: number): TcpAddress | null {
    const op = which === 'local' ? 'getsockname' : 'getpeername';
    const address = executeNow(this.#net.caller, { op, fd }) as Address;
    return address.kind === 'tcp' ? address : null;
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
    if (this.#recv !== null || this.destroyed) return;
    const { machine, process } = this.#net.caller;
    this.#handle.isActive = true;
    const over = (): boolean => {
      this.#recv = null;
      this.#handle.isActive = false;
      return !this.destroyed;
    };
    this.#recv = machine.execute(
      process,
      { op: 'recv', fd: this.#fd, length: READ_BYTES },
      (bytes: string) => {
        if (!over()) return;
        this.#refresh();
        this.bytesRead += bytes.length;
        if (bytes !== '') {
          if (this.push(Buffer.from(bytes, 'latin1'))) this._read();
          return;
        }
        this.push(null);
        this.read(0);
      },
      (error) => {
        if (over()) this.destroy(socketError(error, 'read'));
      },
    );
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

  /** As libuv does: what can be sent is sent at once. */
  #sendAll(bytes: string, done: Done): void {
    const fd = this.#fd;
    if (fd === null) {
      done(socketClosed());
      return;
    }
    this.#refresh();
    const { caller } = this.#net;
    let rest = bytes;
    const sent = (count: number): void => {
      this.#sent += count;
      rest = rest.slice(count);
    };
    try {
      while (rest !== '') sent(executeNow(caller, { op: 'send', fd, data: rest }) as number);
      done();
      return;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (!hasCode(error, 'EAGAIN')) {
        done(socketError(error, 'write'));
        return;
      }
    }
    this.#send = request(
      caller,
      { op: 'send', fd, data: rest },
      (count: number) => {
        this.#send = null;
        sent(count);
        if (rest === '') done();
        else this.#sendAll(rest, done);
      },
      (error: unknown) => {
        this.#send = null;
        done(socketError(error, 'write'));
      },
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.connecting = false;
    this.#timer?.close();
    this.#timer = null;
    this.#recv?.cancel();
    this.#recv = null;
    this.#handle.isActive = false;
    this.#connect?.cancel();
    this.#send?.cancel();
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
    if (this.#fd !== null && this.#askName('local', this.#fd) !== null) this.#closes = 'reset';
    else if (this.connecting) this.once('connect', () => this.resetAndDestroy());
    else return this.destroy(socketClosed());
    return this.connecting ? this : this.destroy();
  }

  setTimeout(ms: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = ms;
    this.#timer?.close();
    this.#timer = null;
    if (ms > 0) {
      this.#arm();
      if (callback) this.once('timeout', callback);
    } else if (callback) this.removeListener('timeout', callback);
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
    this.#handle.refer(true);
    return this;
  }

  unref(): this {
    this.#handle.refer(false);
    return this;
  }

  #arm(): void {
    this.#timer = this.#net.timers
      .setTimeout(() => {
        this.#timer = null;
        this.emit('timeout');
      }, this.timeout)
      .unref();
  }

  #refresh(): void {
    if (this.timeout <= 0) return;
    if (this.#timer === null) this.#arm();
    else this.#timer.refresh();
  }
}

export function familyOf(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  return isIPv6(host) ? 'IPv6' : 'IPv4';
}
