import { call } from './call.ts';
import type { Machine } from './machine.ts';
import type { Address, Answer, Incoming } from './operation.ts';

/** Linux's default for listen(2) since 5.4 (net.core.somaxconn). */
const DEFAULT_BACKLOG = 4096;

/** Listening on an address, and answering requests. */
export class NetPort {
  readonly #machine: Machine;
  readonly #process: unknown;

  constructor(machine: Machine, process: unknown) {
    this.#machine = machine;
    this.#process = process;
  }

  /**
   * Listens on an address. For TCP port 0 the machine picks a free port: {@link NetPort.addressOf} returns it.
   *
   * @param how `unlinkOnClose`: whether closing removes the file of a Unix socket, as in Node and Go (default), or leaves it, as in
   *   C, Python and Rust (`false`)
   * @returns the listening descriptor; close it with {@link NetPort.close}
   * @throws EADDRINUSE, ENOTFOUND (the host cannot be resolved), EINVAL (a path that is too long), RangeError with code ERR_SOCKET_BAD_PORT
   */
  listen(address: Address, { backlog = DEFAULT_BACKLOG, unlinkOnClose = true } = {}): Promise<number> {
    const how = unlinkOnClose ? { backlog } : { backlog, unlinkOnClose };
    return call(this.#machine, this.#process, { op: 'listen', address, ...how });
  }

  /** The address of a listening descriptor, with the actual TCP port if it was opened with port 0. @throws EBADF, ENOTSOCK */
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

  /** Closes a listening descriptor and its accepted requests. For the file of a Unix socket see {@link NetPort.listen}. */
  close(fd: number): Promise<void> {
    return call(this.#machine, this.#process, { op: 'close', fd });
  }
}
