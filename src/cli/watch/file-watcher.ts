/**
 * Watches files for changes, however they are written: in place, or by renaming another file. Node watches their folders, because an
 * editor replaces files, and a watch of a replaced file is lost. So is that of a folder that is removed and made again, as by
 * `git checkout`: it is begun again, and until then the nearest folder above it is watched.
 */
import { type FSWatcher, readdirSync, type Stats, statSync, watch } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

/** An editor writes a file in several steps. */
const QUIET_MS = 50;

export interface Watched {
  /** Absolute paths. They need not exist. */
  readonly files: readonly string[];
  /** Folders that are watched with all folders in them, except packages and hidden ones. They need not exist. Default: none. */
  readonly trees?: readonly string[];
  /** Whether a new file in one of the trees, or in the folder of a file, is of interest too. */
  readonly isNew: (path: string) => boolean;
}

interface WatchedFolder {
  readonly watcher: FSWatcher;
  /** Tells it apart from one that is made later at the same path. */
  readonly identity: string | null;
}

export class FileWatcher {
  readonly #onChange: (paths: readonly string[]) => void;
  readonly #folders = new Map<string, WatchedFolder>();
  /** Those that have been removed or moved, although there may be others at their paths. */
  readonly #stale = new Set<string>();
  /** What tells versions of a file apart; `null` if there is none. */
  #versions = new Map<string, string | null>();
  /** What was in the folders when their watch began, and has been seen since. */
  readonly #seen = new Set<string>();
  #isNew: Watched['isNew'] = () => false;
  #trees: readonly string[] = [];
  /** The folders of the files. */
  #near: ReadonlySet<string> = new Set();
  #touched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  /** @param onChange receives the paths that have another content, exist no more, or are new */
  constructor(onChange: (paths: readonly string[]) => void) {
    this.#onChange = onChange;
  }

  /** Replaces what is watched. A file that stays is compared with the version that was known before, so no change is lost. */
  watch({ files, trees = [], isNew }: Watched): void {
    this.#isNew = isNew;
    const known = this.#versions;
    this.#versions = new Map(
      files.map((file) => [file, known.has(file) ? known.get(file)! : versionOf(file)]),
    );
    this.#near = new Set(files.map((file) => dirname(file)));
    this.#trees = trees;
    this.#follow((path) => this.#seen.add(path));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const folder of this.#folders.keys()) this.#end(folder);
  }

  /** Watches the folders that are there now. @param onName receives what is in those whose watch begins */
  #follow(onName: (path: string) => void): void {
    for (const [folder, { identity }] of this.#folders) {
      if (!this.#stale.has(folder) && identityOf(folder) === identity) continue;
      this.#end(folder);
      for (const path of [...this.#versions.keys(), ...this.#seen])
        if (dirname(path) === folder) this.#touch(path);
    }
    this.#stale.clear();
    let wanted = new Set<string>();
    // Again, because a folder may have been made after it was looked for, and before the one above it was watched.
    for (let before = -1; before !== wanted.size; ) {
      before = wanted.size;
      wanted = new Set();
      const begin = (folder: string): void => {
        wanted.add(folder);
        this.#begin(folder, onName);
      };
      for (const folder of [...this.#near, ...this.#trees]) placesOf(folder).forEach(begin);
      for (const tree of this.#trees) eachFolderIn(tree, begin);
    }
    for (const folder of this.#folders.keys()) if (!wanted.has(folder)) this.#end(folder);
  }

  #begin(folder: string, onName: (path: string) => void): void {
    if (this.#folders.has(folder)) return;
    const identity = identityOf(folder);
    try {
      const watcher = watch(folder, (event, name) => {
        if (name === null) return;
        // The folder itself, or what has its name in it.
        if (event === 'rename' && name === basename(folder)) this.#stale.add(folder);
        this.#touch(join(folder, name));
      });
      watcher.on('error', () => {
        this.#stale.add(folder);
        this.#touch(folder);
      });
      this.#folders.set(folder, { watcher, identity });
    } catch {
      // It has been removed, which the watch of the folder above it notices.
      return;
    }
    for (const { name } of entriesOf(folder)) onName(join(folder, name));
    for (const path of this.#versions.keys()) if (dirname(path) === folder) this.#touch(path);
  }

  #end(folder: string): void {
    this.#folders.get(folder)?.watcher.close();
    this.#folders.delete(folder);
  }

  #touch(path: string): void {
    this.#touched.add(path);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), QUIET_MS);
  }

  #settle(): void {
    this.#follow((path) => this.#touched.add(path));
    const changed = [...this.#touched].filter((path) => this.#hasChanged(path));
    this.#touched = new Set();
    if (changed.length > 0) this.#onChange(changed);
  }

  #hasChanged(path: string): boolean {
    const now = versionOf(path);
    const isFirst = now !== null && !this.#seen.has(path);
    if (now === null) this.#seen.delete(path);
    else this.#seen.add(path);
    const before = this.#versions.get(path);
    if (before === undefined) return isFirst && this.#isWatched(dirname(path)) && this.#isNew(path);
    this.#versions.set(path, now);
    return before !== now;
  }

  /** Not only because of a folder in it. */
  #isWatched(folder: string): boolean {
    return this.#near.has(folder) || this.#trees.some((tree) => isIn(folder, tree));
  }
}

function versionOf(path: string): string | null {
  const stat = statOf(path);
  return stat === null ? null : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}

function identityOf(folder: string): string | null {
  const stat = statOf(folder);
  return stat?.isDirectory() ? `${stat.dev} ${stat.ino}` : null;
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    // A part of the path is a file now.
    return null;
  }
}

/** The folder, or the nearest one above it that exists, and those above it in the working directory: any of them may be replaced. */
function placesOf(folder: string): string[] {
  const places: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (identityOf(at) !== null) places.push(at);
    const isLast = places.length > 0 && !isIn(dirname(at), process.cwd());
    if (isLast || at === dirname(at)) return places;
  }
}

/** All folders in a folder. Each is watched before it is read, so that no new one is missed. */
function eachFolderIn(folder: string, begin: (folder: string) => void): void {
  for (const entry of entriesOf(folder)) {
    if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    begin(path);
    eachFolderIn(path, begin);
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}
