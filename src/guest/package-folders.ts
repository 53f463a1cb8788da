/** Which paths belong to the package of a program. */
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { entryAt } from './modules/disk.ts';
import { scopeOf } from './modules/package-scope.ts';

/** Traces of a run on the real machine, which a simulated one does not begin with. */
const LEFT_BEHIND = /\.(?:pid|lock|sock|log)$/;
/** Enough for packages; not the whole of a large repository. */
const MOST_FOLDERS = 300;

const known = new Map<string, PackageFolders>();

/** @param file the main module */
export function packageFoldersOf(file: string): PackageFolders {
  let folders = known.get(file);
  if (folders === undefined) {
    folders = new PackageFolders(file);
    known.set(file, folders);
  }
  return folders;
}

export class PackageFolders {
  /** Those below which paths belong to the package. */
  readonly #roots: readonly string[];
  readonly #file: string;
  readonly #root: string | null;

  /** @param file the main module */
  constructor(file: string) {
    this.#file = file;
    this.#root = rootOf(file);
    const above: string[] = [];
    for (let folder = dirname(file); ; folder = dirname(folder)) {
      above.push(join(folder, 'node_modules'));
      if (dirname(folder) === folder) break;
    }
    this.#roots = this.#root === null ? above : [this.#root, ...above];
  }

  /** Whether a path is in the package, or a package that it may load. */
  has(path: string): boolean {
    if (path === this.#file) return true;
    if (LEFT_BEHIND.test(path) || path.includes('/.git/')) return false;
    return this.#roots.some((root) => path === root || path.startsWith(`${root}/`));
  }

  /** The folders in which the program may create files: those of its package, without `node_modules`. */
  list(): string[] {
    const folders = [dirname(this.#file)];
    const queue = this.#root === null ? [] : [this.#root];
    for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
      folders.push(folder);
      if (folders.length >= MOST_FOLDERS) break;
      const entry = entryAt(folder);
      if (entry?.kind !== 'directory') continue;
      for (const { name, kind } of entry.entries)
        if (kind === 'directory' && name !== 'node_modules' && !name.startsWith('.'))
          queue.push(join(folder, name));
    }
    return [...new Set(folders)];
  }
}

/** The folder of the package.json. Without one, the folder of the file, unless all kinds of things are in it. */
function rootOf(file: string): string | null {
  const folder = dirname(file);
  const root = scopeOf(folder)?.folder ?? folder;
  const common = [homedir(), tmpdir(), '/tmp', '/var/tmp', '/'];
  return common.includes(root) ? null : root;
}
