import type { Inode } from './inode.ts';
import type { UnsyncedChange } from './journal.ts';
import { joinPath } from './place.ts';
import type { Volume } from './volume.ts';

/**
 * Restores the state that is on the disk when the machine starts again. `keep` chooses among the changes without an fsync: the content
 * of a file since its last fsync as a whole, each name separately, and the two names of a rename together. Owners, modes and
 * times are kept. Open descriptions end with the machine and must not be closed afterwards.
 */
export function powerCut(volume: Volume, keep: (change: UnsyncedChange) => boolean): void {
  volume.journal?.cut(volume.root, keep);
  const survivors = new Set<Inode>();
  survive(volume, volume.root, '/', survivors, keep);
  volume.restart(survivors);
}

function survive(
  volume: Volume,
  directory: Inode,
  path: string,
  survivors: Set<Inode>,
  keep: (change: UnsyncedChange) => boolean,
): void {
  survivors.add(directory);
  directory.opens = 0;
  directory.nlink = 2;
  for (const [name, inode] of directory.entries) {
    const itsPath = joinPath(path, name);
    if (inode.kind === 'directory') {
      directory.countLinks(1);
      survive(volume, inode, itsPath, survivors, keep);
    } else if (survivors.has(inode)) {
      inode.countLinks(1);
    } else {
      survivors.add(inode);
      inode.opens = 0;
      inode.nlink = 1;
      // The name stays, but no process listens any more.
      inode.socket = null;
      if (volume.journal !== null) settleContent(inode, itsPath, keep);
    }
  }
}

function settleContent(inode: Inode, path: string, keep: (change: UnsyncedChange) => boolean): void {
  if (inode.data === inode.synced) return;
  if (!keep({ kind: 'content', path, from: null, ino: inode.ino })) inode.data = inode.synced;
  inode.synced = inode.data;
}
