/** Calls on the names of files: link, rename, unlink, realpath and the like. */
import type { Script } from '../../script.ts';
import { tell, toPath } from '../arguments.ts';
import { ask } from './ask.ts';

export function link(from: unknown, to: unknown): Script<void> {
  return ask({ op: 'link', from: toPath(from, 'existingPath'), to: toPath(to, 'newPath') });
}

export function symlink(target: unknown, path: unknown): Script<void> {
  return ask({ op: 'symlink', target: toPath(target, 'target'), path: toPath(path) });
}

export function* readlink(path: unknown, options?: unknown): Script<string | Buffer> {
  return tell(yield* ask({ op: 'readlink', path: toPath(path) }), options);
}

export function rename(from: unknown, to: unknown): Script<void> {
  return ask({ op: 'rename', from: toPath(from, 'oldPath'), to: toPath(to, 'newPath') });
}

export function unlink(path: unknown): Script<void> {
  return ask({ op: 'unlink', path: toPath(path) });
}

/** One realpath(3). */
export function* realpathNative(path: unknown, options?: unknown): Script<string | Buffer> {
  return tell(yield* ask({ op: 'realpath', path: toPath(path) }), options);
}

/** Node's implementation: an lstat for each part of the path; for a symbolic link also stat and readlink. */
export function* realpath(cwd: string, path: unknown, options?: unknown): Script<string | Buffer> {
  let rest = partsOf(joined(cwd, toPath(path)));
  let at = '';
  for (let links = 0; rest.length > 0; ) {
    const base = `${at}/${rest.shift()}`;
    const { kind } = yield* ask({ op: 'lstat', path: base });
    if (kind !== 'symlink') {
      at = base;
      continue;
    }
    yield* ask({ op: 'stat', path: base });
    const target = yield* ask({ op: 'readlink', path: base });
    // Node has no limit, but the preceding stat fails with ELOOP.
    if (++links > 40) break;
    rest = [...partsOf(joined(at === '' ? '/' : at, target)), ...rest];
    at = '';
  }
  return tell(at === '' ? '/' : at, options);
}

function joined(base: string, path: string): string {
  return path.startsWith('/') ? path : `${base}/${path}`;
}

function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}
