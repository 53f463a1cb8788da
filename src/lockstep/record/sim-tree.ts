/** The files of a simulated machine. */
import type { SimMachine } from '../../sim/index.ts';
import type { Tree, TreeEntry } from '../script.ts';

export function treeOfSim(fs: SimMachine['fs']): Tree {
  const first = new Map<number, string>();
  const entries = [...fs.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([path, inode]): [string, TreeEntry] => {
      const { kind, mode, uid, gid, ino } = inode;
      if (!first.has(ino)) first.set(ino, path);
      const content = kind === 'file' ? inode.data : kind === 'symlink' ? inode.target : null;
      return [path, { kind, mode, uid, gid, same: first.get(ino)!, content }];
    }),
  );
}
