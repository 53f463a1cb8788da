import { call } from './call.ts';
import type { Machine } from './machine.ts';
import type { Address, Answer, Incoming } from './operation.ts';

/** Linux's default for listen(2) since 5.4 (net.core.somaxconn). */
const DEFAULT_BACKLOG = 4096;

/** Listening, and answering what comes. */
export class NetPort {
  readonly #machine: Machine;
  readonly #process: unknown;

  constructor(machine: Machine, process: unknown) {
    this.#machine = machine;
    this.#process = process;
  }

  /** @throws EADDRINUSE. Result: the listening descriptor, closed with {@link NetPort.close}. */
  listen(address: Address, { backlog = DEFAULT_BACKLOG } = {}): Promise<number> {
    return call(this.#machine, this.#process, { op: 'listen', address, backlog });
  }

  /** The next request. @throws EBADF once the descriptor is closed */
  accept(fd: number): Promise<Incoming> {
    return call(this.#machine, this.#process, { op: 'accept', fd });
  }

  answer(request: number, answer: Answer): Promise<void> {
    return call(this.#machine, this.#process, { op: 'answer', request, answer });
  }

  close(fd: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'close', fd });
  }
}
