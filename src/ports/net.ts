import { mistakeOf } from './address.ts';
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

  /**
   * Listens. TCP port 0 asks for a free port: {@link NetPort.addressOf} tells which.
   *
   * @param how `unlinkOnClose: false`: closing leaves the name of a Unix socket, as close(2) does in C, Python or Rust. Unless
   *   said, it unlinks the name, as Node and Go do
   * @returns the listening descriptor, closed with {@link NetPort.close}
   * @throws EADDRINUSE, ENOTFOUND (the host is no address and no name), EINVAL (no TCP port, or a path that is too long)
   */
  listen(address: Address, { backlog = DEFAULT_BACKLOG, unlinkOnClose = true } = {}): Promise<number> {
    const mistake = mistakeOf(address);
    if (mistake !== null) return Promise.reject(mistake);
    const how = unlinkOnClose ? { backlog } : { backlog, unlinkOnClose };
    return call(this.#machine, this.#process, { op: 'listen', address, ...how });
  }

  /** Where a listening descriptor listens: the TCP port that was given for port 0. @throws EBADF, ENOTSOCK */
  addressOf(fd: number): Promise<Address> {
    return call(this.#machine, this.#process, { op: 'getsockname', fd });
  }

  /** The next request. @throws EBADF once the descriptor is closed */
  accept(fd: number): Promise<Incoming> {
    return call(this.#machine, this.#process, { op: 'accept', fd });
  }

  answer(request: number, answer: Answer): Promise<void> {
    return call(this.#machine, this.#process, { op: 'answer', request, answer });
  }

  /** Closes a listening descriptor, and what it has accepted. The name of a Unix socket: see {@link NetPort.listen}. */
  close(fd: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'close', fd });
  }
}
