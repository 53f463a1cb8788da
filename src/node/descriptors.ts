import type { Reply } from './reply.ts';

/** Above any real descriptor (fs.nr_open is at most 2^30 in practice), and still a 32-bit number. */
const FIRST = 2 ** 30;

/** What a descriptor refers to. */
export interface Resource {
  /** Of the operating system, for a child to inherit; missing: it cannot. */
  readonly rawDescriptor?: number;
  close(reply: Reply<void>): void;
}

/** Assigns descriptors to what Node represents as objects: listeners, requests. Files and directories keep their real descriptors. */
export class Descriptors {
  readonly #open = new Map<number, Resource>();
  #next = FIRST;

  add(resource: Resource): number {
    const fd = this.#next++;
    this.#open.set(fd, resource);
    return fd;
  }

  /** Uses the descriptor of the operating system. */
  put(fd: number, resource: Resource): void {
    this.#open.set(fd, resource);
  }

  get(fd: number): Resource | undefined {
    return this.#open.get(fd);
  }

  /** Removes a descriptor. */
  take(fd: number): Resource | undefined {
    const resource = this.#open.get(fd);
    this.#open.delete(fd);
    return resource;
  }
}
