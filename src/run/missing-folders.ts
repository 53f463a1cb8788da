/**
 * Folders that operations of a run needed and that never existed in it. A simulated machine has only the folders of `machine.files`: a lock
 * in `/tmp` then fails because of the folder, not because of a race.
 */
import { posix } from 'node:path';
import { OPEN, type Operation } from '../ports/index.ts';

export class MissingFolders {
  /** Whether each folder that was looked for has existed at some time. */
  readonly #existed = new Map<string, boolean>();
  readonly #wanted = new Set<string>();

  copy(): MissingFolders {
    const copy = new MissingFolders();
    for (const [folder, existed] of this.#existed) copy.#existed.set(folder, existed);
    for (const folder of this.#wanted) copy.#wanted.add(folder);
    return copy;
  }

  made(path: string): void {
    this.#existed.set(posix.normalize(path), true);
  }

  /** An operation has failed, perhaps because its folder does not exist. */
  failed(operation: Operation, exists: (folder: string) => boolean): void {
    for (const path of pathsOf(operation)) {
      const folder = posix.dirname(posix.normalize(path));
      let existed = this.#existed.get(folder);
      if (existed === undefined) {
        existed = exists(folder);
        this.#existed.set(folder, existed);
      }
      if (!existed && creates(operation)) this.#wanted.add(folder);
    }
  }

  /** Those in which a program wanted to create something. */
  get wanted(): readonly string[] {
    return [...this.#wanted].filter((folder) => this.#existed.get(folder) === false);
  }

  /** Those that explain an error, or an error that it was caused by. */
  behind(error: unknown): readonly string[] {
    const folders = new Set<string>();
    for (
      let each = error, depth = 0;
      each instanceof Error && depth < MOST_CAUSES;
      each = each.cause, depth++
    ) {
      const { code, path, dest, address } = each as Partial<
        Record<'code' | 'path' | 'dest' | 'address', unknown>
      >;
      if (code !== 'ENOENT' && code !== 'EACCES') continue;
      for (const name of [path, dest, address]) {
        if (typeof name !== 'string') continue;
        const folder = posix.dirname(posix.normalize(name));
        if (this.#existed.get(folder) === false) folders.add(folder);
      }
    }
    return [...folders];
  }
}

/** The causes of an error can form a circle. */
const MOST_CAUSES = 8;

/** What to do about folders that do not exist; nothing if there are none. */
export function describeMissingFolders(folders: readonly string[]): string[] {
  if (folders.length === 0) return [];
  const sorted = [...folders].sort();
  const files = sorted.map((folder) => `${quoted(folder)}: null`).join(', ');
  const names = sorted.map(printable).join(' and ');
  return [`the simulated machine has no folder ${names}: add machine: { files: { ${files} } }`];
}

function printable(folder: string): string {
  return /^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder);
}

function quoted(folder: string): string {
  return /^[\w./-]+$/.test(folder) ? `'${folder}'` : JSON.stringify(folder);
}

function pathsOf(operation: Operation): string[] {
  if (operation.op === 'symlink') return [operation.path];
  if ('from' in operation) return [operation.from, operation.to];
  if ('path' in operation) return [operation.path];
  if (operation.op === 'listen' && operation.address.kind === 'unix') return [operation.address.path];
  return [];
}

function creates(operation: Operation): boolean {
  if (operation.op === 'open') return (operation.flags & OPEN.O_CREAT) !== 0;
  return CREATE.has(operation.op);
}

const CREATE: ReadonlySet<Operation['op']> = new Set([
  'mkdir',
  'link',
  'symlink',
  'rename',
  'listen',
] as const);
