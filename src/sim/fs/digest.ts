import type { Digest } from '../digest.ts';
import { type Description, DirectoryDescription, FileDescription } from './caller.ts';
import type { Inode } from './inode.ts';
import type { Volume } from './volume.ts';

/** Tells a filesystem's state. */
export class VolumeDigest {
  readonly #volume: Volume;
  readonly #digest: Digest;
  readonly #seen = new Map<Inode, number>();
  /** A number for what listens on a socket. */
  readonly #socketOf: (socket: object) => number;

  constructor(volume: Volume, digest: Digest, socketOf: (socket: object) => number) {
    this.#volume = volume;
    this.#digest = digest;
    this.#socketOf = socketOf;
  }

  names(): void {
    this.#inode(this.#volume.root);
    this.#volume.digest(this.#digest);
  }

  /** An open file or directory; of other kinds only the kind. */
  description(description: Description): void {
    const digest = this.#digest;
    digest.text(description.kind);
    if (description instanceof FileDescription) {
      this.#inode(description.inode);
      digest.number(description.offset);
    } else if (description instanceof DirectoryDescription) {
      this.#inode(description.inode);
      digest.number(description.rest());
    }
  }

  #inode(inode: Inode): void {
    const digest = this.#digest;
    const known = this.#seen.get(inode);
    if (known !== undefined) {
      digest.number(known);
      return;
    }
    this.#seen.set(inode, this.#seen.size);
    digest.text(inode.kind);
    digest.number(inode.mode);
    digest.number(inode.uid);
    digest.number(inode.gid);
    digest.number(inode.mtimeMs);
    digest.number(inode.ctimeMs);
    digest.number(inode.ino);
    if (inode.kind === 'directory') {
      for (const [name, entry] of inode.entries) {
        digest.text(name);
        this.#inode(entry);
      }
      digest.nothing();
    } else if (inode.kind === 'file') digest.text(inode.data);
    else if (inode.kind === 'symlink') digest.text(inode.target);
    if (inode.socket !== null) digest.number(this.#socketOf(inode.socket));
  }
}
