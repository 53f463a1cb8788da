/** Where the files of a confined process really are: below one directory, whatever path it asks for. */
import { posix } from 'node:path';
import { Failure } from '../../node/reply.ts';

export class Paths {
  readonly #root: string;

  /** @param root an absolute path; symbolic links below it lead nowhere else, see {@link realTarget} */
  constructor(root: string) {
    this.#root = posix.normalize(root).replace(/\/+$/, '');
    if (!posix.isAbsolute(root) || this.#root === '')
      throw new TypeError(`the root of a confined process got ${JSON.stringify(root)}: expected a directory`);
  }

  /** As in chroot(2): `..` does not lead out, and a relative path is relative to the root. */
  real(path: string): string {
    // A trailing slash asks for a directory.
    return path === '' ? '' : `${this.#root}${posix.normalize(`/${path}`)}`;
  }

  /**
   * The target of a symbolic link, so that it does not lead out: an absolute one is below the root, a relative one does not go up.
   *
   * @throws EPERM for one that goes up
   */
  realTarget(target: string): string {
    if (posix.isAbsolute(target)) return this.real(target);
    if (target.split('/').includes('..')) throw new Failure('EPERM');
    return target;
  }

  /** What the process calls a real path; null if it is outside. */
  virtual(path: string): string | null {
    if (path === this.#root) return '/';
    return path.startsWith(`${this.#root}/`) ? path.slice(this.#root.length) : null;
  }
}
