/** How a socket of a client comes to be connected: its host is looked up, and its address is connected to. */
import { type Address, isSystemError, type Operation, type Pending } from '../../ports/index.ts';
import { request } from '../handle.ts';
import { executeNow, nextTick } from '../script.ts';
import type { Target, TcpAddress } from './addresses.ts';
import type { NetContext } from './context.ts';
import { connectError, lookupError } from './errors.ts';

/** Linux gives up after so long (net.ipv4.tcp_syn_retries is 6). */
const CONNECT_TIMEOUT_MS = 127_000;

/** What learns how it goes. */
export interface Connector {
  /** Of a name: with an error, or its address. */
  lookedUp(host: string, error: Error | null, address?: string): void;
  attempts(address: TcpAddress): void;
  /** As soon as a Unix socket has its descriptor, which is before the program learns of it. */
  opened(fd: number): void;
  connected(fd: number): void;
  failed(error: Error): void;
}

export class Connecting {
  readonly #net: NetContext;
  readonly #connector: Connector;
  #pending: Pending | null = null;
  #isOver = false;

  constructor(net: NetContext, { address, isName }: Target, connector: Connector) {
    this.#net = net;
    this.#connector = connector;
    if (address.kind === 'unix') this.#toUnix(address);
    else if (isName) net.turn(() => this.#lookUp(address));
    else nextTick(() => net.isAlive() && this.#toTcp(address));
  }

  /** It is not to be connected any more. */
  cancel(): void {
    this.#isOver = true;
    this.#pending?.cancel();
  }

  #lookUp(address: TcpAddress): void {
    if (this.#isOver) return;
    const { host } = address;
    if (host.toLowerCase() !== 'localhost') {
      const error = lookupError(host);
      this.#connector.lookedUp(host, error);
      this.#fail(error);
      return;
    }
    this.#connector.lookedUp(host, null, '127.0.0.1');
    this.#toTcp({ ...address, host: '127.0.0.1' });
  }

  #toTcp(address: TcpAddress): void {
    if (this.#isOver) return;
    this.#connector.attempts(address);
    this.#pending = request(
      this.#net.caller,
      connectTo(address),
      (fd: number) => this.#succeed(fd),
      (error: unknown) => this.#fail(connectError(error, address.host, address.tcpPort)),
    );
  }

  /** At once, as connect(2) does it; the program learns of it in a later turn. */
  #toUnix(address: Address & { kind: 'unix' }): void {
    const { caller, turn } = this.#net;
    try {
      const fd = executeNow(caller, connectTo(address)) as number;
      this.#connector.opened(fd);
      turn(() => this.#succeed(fd));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      turn(() => this.#fail(connectError(error, address.path, undefined)));
    }
  }

  #succeed(fd: number): void {
    if (!this.#isOver) this.#connector.connected(fd);
  }

  #fail(error: Error): void {
    if (!this.#isOver) this.#connector.failed(error);
  }
}

function connectTo(address: Address): Operation {
  return { op: 'connectStream', address, timeoutMs: CONNECT_TIMEOUT_MS };
}
