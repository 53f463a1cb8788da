/** The files below a real directory, in the form of those of the simulation. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { kindOf } from '../../node/directories.ts';
import type { Tree, TreeEntry } from '../script.ts';

/** @param simUid what a real user is called in the simulation */
export function treeOfDirectory(root: string, simUid: (uid: number) => number): Tree {
  const found: [string, Stats][] = [];
  const visit = (directory: string): void => {
    for (const name of readdirSync(root + directory)) {
      const path = `${directory}/${name}`;
      const stat = lstatSync(root + path);
      found.push([path, stat]);
      if (stat.isDirectory()) visit(path);
    }
  };
  visit('');
  found.sort(([a], [b]) => (a < b ? -1 : 1));
  const first = new Map<number, string>();
  return Object.fromEntries(
    found.map(([path, stat]): [string, TreeEntry] => {
      if (!first.has(stat.ino)) first.set(stat.ino, path);
      const kind = kindOf(stat);
      const { mode, uid, gid } = stat;
      return [
        path,
        {
          ...{ kind, mode: mode & 0o7777, uid: simUid(uid), gid: simUid(gid), same: first.get(stat.ino)! },
          content: contentOf(root, path, kind),
        },
      ];
    }),
  );
}

function contentOf(root: string, path: string, kind: TreeEntry['kind']): string | null {
  if (kind === 'symlink') return readlinkSync(root + path).replace(root, '');
  return kind === 'file' ? readFileSync(root + path, 'latin1') : null;
}

/** The first path at which two trees differ, with both entries; `null` if they are equal. */
export function differenceOfTrees(
  simulated: Tree,
  real: Tree,
): { path: string; simulated: TreeEntry | null; real: TreeEntry | null } | null {
  for (const path of [...new Set([...Object.keys(simulated), ...Object.keys(real)])].sort()) {
    const [a = null, b = null] = [simulated[path], real[path]];
    if (JSON.stringify(a) !== JSON.stringify(b)) return { path, simulated: a, real: b };
  }
  return null;
}
