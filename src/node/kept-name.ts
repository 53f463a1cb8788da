/**
 * Prevents libuv from unlinking the file of a Unix socket on close. libuv unlinks the path that it was given to bind, so it
 * is given a path through a descriptor of the directory, and that descriptor is closed just before the socket.
 */
import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { Failure } from './reply.ts';

/** A flag of open(2) that Node does not export. With it the directory need not be readable. */
const O_PATH = 0o10000000;

const DESCRIPTORS = '/proc/self/fd/';

/** Whether a socket is bound to a path such as libuv is given here. */
export function isThroughDescriptor(path: string): boolean {
  return path.startsWith(DESCRIPTORS);
}

export class KeptName {
  /** The path that the caller asked for. */
  readonly name: string;
  /** The path that libuv is given. */
  readonly path: string;
  #directory: number | null;

  private constructor(name: string, directory: number) {
    this.name = name;
    this.path = `${DESCRIPTORS}${directory}/${basename(name)}`;
    this.#directory = directory;
  }

  /** @throws ENOSYS without /proc/self/fd; EACCES (as libuv does) if the directory does not exist; ENOTDIR, ELOOP */
  static of(name: string): KeptName {
    if (process.platform !== 'linux') throw new Failure('ENOSYS');
    try {
      return new KeptName(name, fs.openSync(dirname(name), O_PATH | fs.constants.O_DIRECTORY));
    } catch (error) {
      throw (error as { code?: unknown }).code === 'ENOENT' ? new Failure('EACCES') : error;
    }
  }

  /** Makes the path invalid. Call it in the same turn of the event loop in which the socket is closed. */
  release(): void {
    if (this.#directory !== null) fs.closeSync(this.#directory);
    this.#directory = null;
  }
}
