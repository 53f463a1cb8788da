import { decodeText, encodeText } from '../../ports/index.ts';
import { Errno } from '../base/errno.ts';
import { type Caller, KERNEL } from './caller.ts';
import type { Inode } from './inode.ts';
import { parsePath } from './path.ts';
import { joinPath } from './place.ts';
import type { Volume } from './volume.ts';

/** The DirectoryJSON of memfs: absolute path to content; `null` for an empty directory. */
export type DirectoryJson = Record<string, string | null>;

export interface LoadOptions {
  uid?: number;
  gid?: number;
  fileMode?: number;
  directoryMode?: number;
}

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

/**
 * Creates files as if they had been written and synced long ago. Directories are created as needed.
 * @throws TypeError if a path leads through a file, or if a file and a directory have the same path
 */
export function load(volume: Volume, json: DirectoryJson, options: LoadOptions = {}): void {
  const owner: Caller = { ...KERNEL, uid: options.uid ?? 0, gid: options.gid ?? 0 };
  const fileMode = options.fileMode ?? FILE_MODE;
  const directoryMode = options.directoryMode ?? DIRECTORY_MODE;
  const now = volume.now();
  for (const path in json) {
    const text = json[path] ?? null;
    const parsed = parsePath(path);
    if (parsed instanceof Errno) throw new TypeError(`cannot load '${path}': ${parsed.code}`);
    const { names } = parsed;
    const directories = text === null ? names.length : names.length - 1;
    let directory = volume.root;
    for (let at = 0; at < directories; at++) {
      directory = ensure(volume, directory, names[at]!, 'directory', directoryMode, owner, now, path);
    }
    if (text === null) continue;
    const name = names.at(-1);
    if (name === undefined) throw new TypeError(`cannot load '${path}': it is a directory`);
    const file = ensure(volume, directory, name, 'file', fileMode, owner, now, path);
    volume.setData(file, encodeText(text));
    file.synced = file.data;
  }
}

/** Like `vol.toJSON()` of memfs: files as text, empty directories as `null`, without symbolic links and sockets. */
export function toJson(volume: Volume): DirectoryJson {
  const json: DirectoryJson = {};
  for (const [path, inode] of tree(volume.root, '/')) {
    if (inode.kind === 'file') json[path] = decodeText(inode.data);
    if (inode.kind === 'directory' && inode.entries.size === 0) json[path] = null;
  }
  return json;
}

/** Everything below a directory, with absolute paths, parents before children. */
export function* tree(directory: Inode, path: string): Generator<[string, Inode]> {
  for (const [name, inode] of directory.entries) {
    const itsPath = joinPath(path, name);
    yield [itsPath, inode];
    if (inode.kind === 'directory') yield* tree(inode, itsPath);
  }
}

function ensure(
  volume: Volume,
  directory: Inode,
  name: string,
  kind: 'file' | 'directory',
  mode: number,
  owner: Caller,
  nowMs: number,
  path: string,
): Inode {
  const found = directory.entries.get(name);
  if (found !== undefined) {
    if (found.kind === kind) return found;
    throw new TypeError(`cannot load '${path}': '${name}' is a ${found.kind}`);
  }
  const inode = volume.create(kind, mode, owner, directory, nowMs);
  directory.entries.set(name, inode);
  if (kind === 'directory') {
    inode.parent = directory;
    inode.name = name;
    directory.countLinks(1);
  }
  return inode;
}
