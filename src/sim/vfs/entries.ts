import type { Inode } from './inode.ts';
import type { Volume } from './volume.ts';

/** Adds a name for an inode whose link count already includes it. */
export function addEntry(volume: Volume, directory: Inode, name: string, inode: Inode, nowMs: number): void {
  volume.touch();
  directory.entries.set(name, inode);
  directory.contentChangesAt(nowMs);
  if (inode.kind === 'directory') {
    inode.parent = directory;
    inode.name = name;
    directory.countLinks(1);
  }
  if (volume.journal !== null) volume.journal.entry(directory, name, undefined, inode);
}

export function removeEntry(volume: Volume, directory: Inode, name: string, inode: Inode): void {
  const now = volume.now();
  volume.touch();
  directory.entries.delete(name);
  directory.contentChangesAt(now);
  if (volume.journal !== null) volume.journal.entry(directory, name, inode, undefined);
  dropLink(volume, directory, inode, now);
}

/** Called when an inode has lost a name in a directory. */
export function dropLink(volume: Volume, directory: Inode, inode: Inode, nowMs: number): void {
  if (inode.kind === 'directory') {
    inode.nlink = 0;
    directory.countLinks(-1);
  } else {
    inode.countLinks(-1);
  }
  inode.changesAt(nowMs);
  volume.releaseUnused(inode);
}
