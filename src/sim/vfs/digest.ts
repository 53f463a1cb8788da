import type { StateHasher } from '../kernel/digest.ts';
import { type Description, DirectoryDescription, FileDescription } from './caller.ts';
import type { Inode } from './inode.ts';

/** Tells an inode with all below it. What listens on sockets is not the filesystem's to tell: they go `into`. */
export function digestTree(inode: Inode, digest: StateHasher, into: object[]): void {
  digest.number(inode.ino);
  digest.text(inode.kind);
  digest.number(inode.mode);
  digest.number(inode.uid);
  digest.number(inode.gid);
  digest.number(inode.mtimeMs);
  digest.number(inode.ctimeMs);
  if (inode.kind === 'directory') {
    for (const [name, entry] of inode.entries) {
      digest.text(name);
      digestTree(entry, digest, into);
    }
    digest.nothing();
  } else if (inode.kind === 'file') digest.text(inode.data);
  else if (inode.kind === 'symlink') digest.text(inode.target);
  else if (inode.socket !== null) into.push(inode.socket);
}

/** Tells an open file or directory; of other kinds only the kind. */
export function digestDescription(description: Description, digest: StateHasher): void {
  digest.text(description.kind);
  if (description instanceof FileDescription) {
    const { readable, writable, append, sync } = description;
    digestOpen(description.inode, digest);
    digest.number(Number(readable) + 2 * Number(writable) + 4 * Number(append) + 8 * Number(sync));
    digest.number(description.offset);
  } else if (description instanceof DirectoryDescription) {
    digestOpen(description.inode, digest);
    digest.number(description.rest());
  }
}

/** What has a name is told with the tree: no two that exist bear the same number. */
function digestOpen(inode: Inode, digest: StateHasher): void {
  digest.number(inode.ino);
  if (inode.nlink === 0) digestTree(inode, digest, []);
}
