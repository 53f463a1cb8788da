import { mistakeOf } from './address.ts';
import { call } from './call.ts';
import type { Machine } from './machine.ts';
import type { Address, Answer, Holder, Request } from './operation.ts';

/** Asking whether somebody serves an address, and who holds it. */
export class ProbePort {
  readonly #machine: Machine;
  readonly #process: unknown;

  constructor(machine: Machine, process: unknown) {
    this.#machine = machine;
    this.#process = process;
  }

  /** Success proves only that something listens: a stopped process still does. */
  connect(address: Address, timeoutMs: number): Promise<void> {
    const mistake = mistakeOf(address);
    if (mistake !== null) return Promise.reject(mistake);
    return call(this.#machine, this.#process, { op: 'connect', address, timeoutMs });
  }

  /** @throws ECONNREFUSED, ENOENT (no such socket), ETIMEDOUT (no answer within `timeoutMs`), ECONNRESET */
  request(address: Address, request: Request, timeoutMs: number): Promise<Answer> {
    const mistake = mistakeOf(address);
    if (mistake !== null) return Promise.reject(mistake);
    return call(this.#machine, this.#process, { op: 'request', address, request, timeoutMs });
  }

  /** Who listens on a TCP port, on any local address. */
  holders(tcpPort: number): Promise<Holder[]> {
    return call(this.#machine, this.#process, { op: 'holders', tcpPort });
  }
}
