import type { Reply } from './reply.ts';

/** Just above what any Linux allows a process (fs.nr_open is at most 2^30 in practice), and still a 32-bit number. */
const FIRST = 2 ** 30;

export interface Resource {
  close(reply: Reply<void>): void;
}

/** Numbers for what Node gives us as objects: directories, listeners, requests. Files keep their real descriptors. */
export class Descriptors {
  readonly #open = new Map<number, Resource>();
  #next = FIRST;

  add(resource: Resource): number {
    const fd = this.#next++;
    this.#open.set(fd, resource);
    return fd;
  }

  /** Under the system's own number. */
  put(fd: number, resource: Resource): void {
    this.#open.set(fd, resource);
  }

  get(fd: number): Resource | undefined {
    return this.#open.get(fd);
  }

  /** From now on the number means nothing. */
  take(fd: number): Resource | undefined {
    const resource = this.#open.get(fd);
    this.#open.delete(fd);
    return resource;
  }
}
