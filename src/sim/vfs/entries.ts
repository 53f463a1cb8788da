import type { Inode } from './inode.ts';
import type { Volume } from './volume.ts';

/** Adds a name for an inode, whose link count already counts it. */
export function addEntry(volume: Volume, directory: Inode, name: string, inode: Inode, nowMs: number): void {
  directory.entries.set(name, inode);
  directory.mtimeMs = directory.ctimeMs = nowMs;
  if (inode.kind === 'directory') {
    inode.parent = directory;
    inode.name = name;
    directory.nlink++;
  }
  if (volume.journal !== null) volume.journal.entry(directory, name, undefined, inode);
}

export function removeEntry(volume: Volume, directory: Inode, name: string, inode: Inode): void {
  const now = volume.now();
  directory.entries.delete(name);
  directory.mtimeMs = directory.ctimeMs = now;
  if (volume.journal !== null) volume.journal.entry(directory, name, inode, undefined);
  dropLink(volume, directory, inode, now);
}

/** An inode has lost its name in a directory, to nothing or to another inode. */
export function dropLink(volume: Volume, directory: Inode, inode: Inode, nowMs: number): void {
  if (inode.kind === 'directory') {
    inode.nlink = 0;
    directory.nlink--;
  } else {
    inode.nlink--;
  }
  inode.ctimeMs = nowMs;
  volume.releaseUnused(inode);
}
