import type { Digest } from '../digest.ts';
import { type Description, DirectoryDescription, FileDescription } from './caller.ts';
import type { Inode } from './inode.ts';
import type { Volume } from './volume.ts';

export interface VolumeDigestOptions {
  /** Whether somebody has looked at the numbers of inodes. */
  inodeNumbers: boolean;
  /** A number for what listens on a socket. */
  socketOf: (socket: object) => number;
}

/**
 * Tells a filesystem's state. Inodes are told by number only if somebody has looked at numbers: else two states that
 * differ in nothing but who created a file first are the same.
 */
export class VolumeDigest {
  readonly #volume: Volume;
  readonly #digest: Digest;
  readonly #seen = new Map<Inode, number>();
  readonly #options: VolumeDigestOptions;

  constructor(volume: Volume, digest: Digest, options: VolumeDigestOptions) {
    this.#volume = volume;
    this.#digest = digest;
    this.#options = options;
  }

  names(): void {
    this.#inode(this.#volume.root);
    if (this.#options.inodeNumbers) this.#volume.digestNumbers(this.#digest);
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
    if (this.#options.inodeNumbers) digest.number(inode.ino);
    if (inode.kind === 'directory') {
      for (const [name, entry] of inode.entries) {
        digest.text(name);
        this.#inode(entry);
      }
      digest.nothing();
    } else if (inode.kind === 'file') digest.text(inode.data);
    else if (inode.kind === 'symlink') digest.text(inode.target);
    if (inode.socket !== null) digest.number(this.#options.socketOf(inode.socket));
  }
}
