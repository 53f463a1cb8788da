/** Where an inode is: above which directories, and at which path. */
import type { Inode } from './inode.ts';

/** Whether `inode` is `directory` or one of its ancestors. */
export function isAtOrAbove(inode: Inode, directory: Inode): boolean {
  for (let at = directory; ; at = at.parent) {
    if (at === inode) return true;
    if (at.parent === at) return false;
  }
}

export function pathOfDirectory(directory: Inode): string {
  if (directory.parent === directory) return '/';
  return joinPath(pathOfDirectory(directory.parent), directory.name);
}

export function joinPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}
