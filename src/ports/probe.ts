import { call } from './call.ts';
import type { Machine } from './machine.ts';
import type { Address, Answer, Holder, Request } from './operation.ts';

/** Finds out whether an address is served, and which process holds it. */
export class ProbePort {
  readonly #machine: Machine;
  readonly #process: unknown;

  constructor(machine: Machine, process: unknown) {
    this.#machine = machine;
    this.#process = process;
  }

  /** Success proves only that something listens: a stopped process does too. */
  connect(address: Address, timeoutMs: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'connect', address, timeoutMs });
  }

  /** @throws ECONNREFUSED, ENOENT (no such socket), ETIMEDOUT (no answer within `timeoutMs`), ECONNRESET */
  request(address: Address, request: Request, timeoutMs: number): Promise<Answer> {
    return call(this.#machine, this.#process, { op: 'request', address, request, timeoutMs });
  }

  /** The processes that listen on a TCP port, on any local address. */
  holders(tcpPort: number): Promise<Holder[]> {
    return call(this.#machine, this.#process, { op: 'holders', tcpPort });
  }
}
