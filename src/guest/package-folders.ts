/** Which paths belong to the package of a program. */
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { entryAt, fileKind } from './modules/disk.ts';
import { packageIn, scopeOf } from './modules/package-scope.ts';

/** Traces of a run on the real machine, which a simulated one does not begin with. */
const LEFT_BEHIND = /\.(?:pid|lock|sock|log)$/;
/** They are made anew for each run. */
const MOST_FOLDERS = 30;

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
  /** Where packages that it loads may be. */
  readonly #above: readonly string[];
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
    this.#above = above;
    this.#roots = this.#root === null ? above : [this.#root, ...above];
  }

  /** Whether a path is in the package, or a package that it may load. */
  has(path: string): boolean {
    if (path === this.#file) return true;
    if (LEFT_BEHIND.test(path) || path.includes('/.git/')) return false;
    return this.#roots.some((root) => path === root || path.startsWith(`${root}/`));
  }

  /**
   * The folders in which the program may create files: its own, that of its package, those directly in it, without `node_modules`, and those
   * of the packages that it depends on (eslint_d writes its port beside eslint).
   */
  list(): string[] {
    const folders = new Set([dirname(this.#file)]);
    if (this.#root === null) return [...folders];
    folders.add(this.#root);
    const entry = entryAt(this.#root);
    if (entry?.kind !== 'directory') return [...folders];
    for (const { name, kind } of entry.entries)
      if (kind === 'directory' && name !== 'node_modules' && !name.startsWith('.'))
        folders.add(join(this.#root, name));
    for (const name of packageIn(this.#root)?.dependencies ?? []) {
      const found = this.#above.map((above) => join(above, name)).find((each) => fileKind(each) === 'folder');
      if (found !== undefined) folders.add(found);
    }
    return [...folders].slice(0, MOST_FOLDERS);
  }
}

/** The folder of the package.json. Without one, the folder of the file, unless all kinds of things are in it. */
function rootOf(file: string): string | null {
  const folder = dirname(file);
  const root = scopeOf(folder)?.folder ?? folder;
  const common = [homedir(), tmpdir(), '/tmp', '/var/tmp', '/'];
  return common.includes(root) ? null : root;
}
