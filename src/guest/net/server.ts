/** `net.Server`, and what makes a server of Node's http listen on the simulated machine. */
import type { EventEmitter } from 'node:events';
import type { Address, Pending } from '../../ports/index.ts';
import { Handle } from '../handle.ts';
import { executeNow, nextTick } from '../script.ts';
import { argumentsOf, listenTargetOf } from './addresses.ts';
import { closeNow, type NetContext } from './context.ts';
import { alreadyListens, listenError, lookupError, notRunning } from './errors.ts';
import { familyOf } from './names.ts';
import { type Counting, SimSocket } from './socket.ts';

type Callback = (...args: unknown[]) => void;

/** The part of a server that listens, for any emitter of `connection`. */
export class Listening implements Counting {
  readonly connected = new Set<SimSocket>();
  readonly #net: NetContext;
  readonly #server: EventEmitter & {
    allowHalfOpen?: boolean;
    pauseOnConnect?: boolean;
    maxConnections?: number;
  };
  readonly #newSocket: (options: object) => SimSocket;
  readonly #handle: Handle;
  #fd: number | null = null;
  #address: Address | null = null;
  #accept: Pending | null = null;
  #isStarting = false;

  constructor(net: NetContext, server: EventEmitter, newSocket: (options: object) => SimSocket) {
    this.#net = net;
    this.#server = server;
    this.#newSocket = newSocket;
    this.#handle = new Handle(net.caller);
  }

  get isListening(): boolean {
    return this.#fd !== null;
  }

  listen(given: readonly unknown[]): void {
    const [options, callback] = argumentsOf(given);
    if (this.#fd !== null || this.#isStarting) throw alreadyListens();
    if ('fd' in options || '_handle' in options || 'handle' in options)
      throw new Error(
        'a simulated server listens on a port or path: listening on a descriptor or handle is not simulated',
      );
    const { address, isName } = listenTargetOf(options);
    if (callback !== undefined) this.#server.once('listening', callback);
    const { signal, backlog } = options as { signal?: AbortSignal; backlog?: number };
    signal?.addEventListener('abort', () => this.close(), { once: true });
    const start = (at: Address): void => {
      this.#isStarting = false;
      this.#start(at, backlog ?? 0);
    };
    if (address.kind === 'unix' || address.host === '::') {
      start(address);
      return;
    }
    this.#isStarting = true;
    if (!isName) {
      nextTick(() => this.#isStarting && this.#net.isAlive() && start(address));
      return;
    }
    this.#net.turn(() => {
      if (!this.#isStarting) return;
      if (address.host.toLowerCase() === 'localhost') {
        start({ ...address, host: '127.0.0.1' });
        return;
      }
      this.#isStarting = false;
      this.#server.emit('error', lookupError(address.host));
    });
  }

  #start(address: Address, backlog: number): void {
    const { caller, isAlive } = this.#net;
    try {
      this.#fd = executeNow(caller, { op: 'listen', address, backlog, streams: true }) as number;
    } catch (error) {
      const failure =
        address.kind === 'unix'
          ? listenError(error, address.path, -1)
          : listenError(error, address.host, address.tcpPort);
      if (failure === error && (error as { code?: unknown }).code === undefined) throw error;
      nextTick(() => isAlive() && this.#server.emit('error', failure));
      return;
    }
    this.#address = executeNow(caller, { op: 'getsockname', fd: this.#fd }) as Address;
    this.#handle.isActive = true;
    this.#next(this.#fd);
    nextTick(() => isAlive() && this.#fd !== null && this.#server.emit('listening'));
  }

  #next(fd: number): void {
    const { machine, process } = this.#net.caller;
    this.#accept = machine.execute(
      process,
      { op: 'acceptStream', fd },
      (connection: number) => {
        this.#next(fd);
        this.#connects(connection);
      },
      (error) => {
        // Node's server goes on after EMFILE. It would drop the connection; here that waits, until there is a descriptor for it.
        if (this.#fd === fd && error.code === 'EMFILE')
          this.#net.turn(() => this.#fd === fd && this.#next(fd));
      },
    );
  }

  #connects(fd: number): void {
    const { allowHalfOpen, pauseOnConnect = false, maxConnections } = this.#server;
    if (maxConnections && this.connected.size >= maxConnections) {
      closeNow(this.#net.caller, fd);
      this.#server.emit('drop', {});
      return;
    }
    const socket = this.#newSocket({ allowHalfOpen });
    socket.server = this.#server;
    SimSocket.accepted(socket, fd, this, pauseOnConnect);
    this.#server.emit('connection', socket);
  }

  close(callback?: Callback): void {
    const fd = this.#fd;
    if (callback !== undefined) {
      if (fd === null) this.#server.once('close', () => callback(notRunning()));
      else this.#server.once('close', callback);
    }
    this.#isStarting = false;
    if (fd !== null) {
      this.#fd = null;
      this.#accept?.cancel();
      this.#handle.isActive = false;
      closeNow(this.#net.caller, fd);
    }
    this.emitCloseIfDrained();
  }

  emitCloseIfDrained(): void {
    if (this.#fd !== null || this.connected.size > 0) return;
    nextTick(() => this.#net.isAlive() && this.#server.emit('close'));
  }

  /** As `server.address()` gives it. */
  get where(): string | { address: string; family: string; port: number } | null {
    const address = this.#address;
    // Node remembers the path of a Unix socket.
    if (address?.kind === 'unix') return address.path;
    if (address === null || this.#fd === null) return null;
    return { address: address.host, family: familyOf(address.host)!, port: address.tcpPort };
  }

  refer(isRef: boolean): void {
    this.#handle.refer(isRef);
  }
}

/** The methods of a server, in terms of what listens for it. */
export function serverMethods(listening: Listening) {
  return {
    listen(...given: unknown[]) {
      listening.listen(given);
      return this;
    },
    close(callback?: Callback) {
      listening.close(callback);
      return this;
    },
    address: () => listening.where,
    getConnections(callback: Callback) {
      const { size } = listening.connected;
      nextTick(() => callback(null, size));
      return this;
    },
    ref() {
      listening.refer(true);
      return this;
    },
    unref() {
      listening.refer(false);
      return this;
    },
    async [Symbol.asyncDispose]() {
      if (listening.isListening) await new Promise((resolve) => listening.close(resolve));
    },
  };
}
