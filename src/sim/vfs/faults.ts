import type { Bytes } from '../../ports/index.ts';
import { Errno } from '../base/errno.ts';
import { KERNEL } from './caller.ts';
import { resize } from './content.ts';
import { removeEntry } from './entries.ts';
import { tree } from './image.ts';
import { Inode } from './inode.ts';
import type { Volume } from './volume.ts';
import { entryAt, lookup, Place, walkToLast } from './walk.ts';

const place = new Place();

/** Removes a file or a directory tree, as a cleaner of temporary files does. `false` if it does not exist. */
export function lose(volume: Volume, path: string): boolean {
  if (walkToLast(volume, KERNEL, path, place) !== undefined || place.last !== 'name') return false;
  const { directory, name } = place;
  const inode = entryAt(place);
  if (!(inode instanceof Inode)) return false;
  empty(volume, inode);
  removeEntry(volume, directory, name, inode);
  return true;
}

/** Truncates a file without changing its times. `false` if it does not exist. */
export function truncateTo(volume: Volume, path: string, length: number): boolean {
  const file = fileAt(volume, path);
  if (file !== null) volume.setData(file, resize(file.data, length));
  return file !== null;
}

/** Changes the content of a file without changing its times. `false` if it does not exist. */
export function overwrite(volume: Volume, path: string, bytes: Bytes): boolean {
  const file = fileAt(volume, path);
  if (file !== null) volume.setData(file, bytes);
  return file !== null;
}

/** The content of a file; empty if it does not exist. */
export function contentOf(volume: Volume, path: string): Bytes {
  return fileAt(volume, path)?.data ?? '';
}

/** The paths of all files at or below `path`, sorted. */
export function filesUnder(volume: Volume, path: string): string[] {
  const top = lookup(volume, KERNEL, path, true);
  if (top instanceof Errno) return [];
  if (top.kind === 'file') return [path];
  const base = path === '/' ? path : path.replace(/\/+$/, '');
  const paths: string[] = [];
  for (const [itsPath, inode] of tree(top, base)) if (inode.kind === 'file') paths.push(itsPath);
  return paths.sort();
}

function empty(volume: Volume, directory: Inode): void {
  for (const [name, inode] of directory.entries) {
    empty(volume, inode);
    removeEntry(volume, directory, name, inode);
  }
}

function fileAt(volume: Volume, path: string): Inode | null {
  const inode = lookup(volume, KERNEL, path, true);
  return inode instanceof Inode && inode.kind === 'file' ? inode : null;
}
