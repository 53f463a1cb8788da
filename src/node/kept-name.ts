/**
 * Keeps libuv from unlinking the name of a Unix socket when the socket is closed. libuv unlinks the path that it was given to
 * bind. So it is given one that leads through a descriptor of the directory, and that descriptor is closed just before.
 */
import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { Failure } from './reply.ts';

/** open(2): Node does not name it. With it the directory need not be readable. */
const O_PATH = 0o10000000;

export class KeptName {
  /** As it was asked for. */
  readonly name: string;
  /** What libuv is given. */
  readonly path: string;
  #directory: number | null;

  private constructor(name: string, directory: number) {
    this.name = name;
    this.path = `/proc/self/fd/${directory}/${basename(name)}`;
    this.#directory = directory;
  }

  /** @throws ENOSYS where there is no /proc/self/fd; EACCES where libuv says so: there is no such directory; ENOTDIR, ELOOP */
  static of(name: string): KeptName {
    if (process.platform !== 'linux') throw new Failure('ENOSYS');
    try {
      return new KeptName(name, fs.openSync(dirname(name), O_PATH | fs.constants.O_DIRECTORY));
    } catch (error) {
      throw (error as { code?: unknown }).code === 'ENOENT' ? new Failure('EACCES') : error;
    }
  }

  /** From now on the path leads nowhere. To be called in the same turn in which the socket is closed. */
  release(): void {
    if (this.#directory !== null) fs.closeSync(this.#directory);
    this.#directory = null;
  }
}
