import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { OPEN, type Stat } from '../../src/ports/index.ts';
import type { Errno } from '../../src/sim/base/errno.ts';
import { isErrno } from '../../src/sim/base/errno.ts';
import { KERNEL } from '../../src/sim/vfs/caller.ts';
import type { PosixFileSystem } from '../sim/vfs/posix.ts';

/** Every path below a directory, with kind, rights, content, and which other path is the same inode. */
export type Tree = Record<string, unknown>;

export function treeOfSim(fs: PosixFileSystem, base: string): Tree {
  const caller = { ...KERNEL, fds: new Map(), maxFds: 1024 };
  const tree: Tree = {};
  const first = new Map<number, string>();
  const visit = (directory: string): void => {
    const fd = must(fs.opendir(caller, base + directory));
    const names: string[] = [];
    for (;;) {
      const entries = must(fs.readdir(caller, fd));
      if (entries.length === 0) break;
      for (const { name } of entries) names.push(name);
    }
    fs.close(caller, fd);
    for (const name of names.sort()) {
      const path = `${directory}/${name}`;
      const stat = must(fs.lstat(caller, base + path));
      if (!first.has(stat.ino)) first.set(stat.ino, path);
      tree[path] = {
        ...common(stat),
        same: first.get(stat.ino),
        content: contentOfSim(fs, base + path, stat),
      };
      if (stat.kind === 'directory') visit(path);
    }
  };
  visit('');
  return tree;

  function contentOfSim(fs: PosixFileSystem, path: string, { kind, size }: Stat): unknown {
    if (kind === 'symlink') return fs.readlink(caller, path);
    if (kind !== 'file') return null;
    const fd = must(fs.open(caller, path, OPEN.O_RDONLY, 0));
    const content = fs.read(caller, fd, size, 0);
    fs.close(caller, fd);
    return content;
  }
}

export function treeOfNode(base: string): Tree {
  const tree: Tree = {};
  const first = new Map<number, string>();
  const visit = (directory: string): void => {
    for (const name of readdirSync(base + directory).sort()) {
      const path = `${directory}/${name}`;
      const stats = lstatSync(base + path);
      if (!first.has(stats.ino)) first.set(stats.ino, path);
      const kind: Stat['kind'] = stats.isDirectory()
        ? 'directory'
        : stats.isSymbolicLink()
          ? 'symlink'
          : stats.isSocket()
            ? 'socket'
            : 'file';
      const content =
        kind === 'symlink'
          ? readlinkSync(base + path)
          : kind === 'file'
            ? readFileSync(base + path, 'latin1')
            : null;
      const mode = stats.mode & 0o7777;
      tree[path] = { ...common({ ...stats, kind, mode }), same: first.get(stats.ino), content };
      if (kind === 'directory') visit(path);
    }
  };
  visit('');
  return tree;
}

function common({
  kind,
  nlink,
  uid,
  gid,
  mode,
  size,
}: Omit<Stat, 'atimeMs' | 'mtimeMs' | 'ctimeMs' | 'ino'>) {
  return { kind, nlink, uid, gid, mode, size: kind === 'directory' ? null : size };
}

function must<T>(result: T | Errno): T {
  if (isErrno(result)) throw new Error(`unexpected ${result.code}`);
  return result;
}
