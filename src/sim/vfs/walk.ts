import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, Errno } from '../base/errno.ts';
import { type Caller, KERNEL } from './caller.ts';
import { Inode } from './inode.ts';
import { type ParsedPath, parsePath } from './path.ts';
import { may, X_OK } from './permission.ts';
import { refuseFollow } from './protections.ts';
import type { Volume } from './volume.ts';

/** MAXSYMLINKS of Linux, for a whole path. */
const MAX_SYMLINKS = 40;

/**
 * The end of a walk along a path: the directory and the last name. Operations reuse their places instead of allocating one per
 * call; nothing is kept in them between operations.
 */
export class Place {
  directory: Inode = NOWHERE;
  name = '';
  /** The kind of the last name. `root`: the path consists of slashes only. */
  last: 'name' | 'dot' | 'dotdot' | 'root' = 'root';
  /** Whether the path ends in a slash. */
  slash = false;
  tooLong = false;
  symlinks = 0;
}

const NOWHERE = new Inode(0, 'directory', 0, 0, 0, 0);
const cwdPlace = new Place();
const lookupPlace = new Place();

/** Walks to the directory of the last name, without looking up the last name. */
export function walkToLast(volume: Volume, caller: Caller, path: string, place: Place): Errno | undefined {
  const parsed = parsePath(path);
  if (parsed instanceof Errno) return parsed;
  place.symlinks = 0;
  if (parsed.absolute) return walk(volume, caller, volume.root, parsed, place);
  const start = workingDirectory(volume, caller);
  return start instanceof Errno ? start : walk(volume, caller, start, parsed, place);
}

/** The inode of a path. A final symbolic link is followed with `follow`, and always before a final slash. */
export function lookup(volume: Volume, caller: Caller, path: string, follow: boolean): Inode | Errno {
  return lookupAt(volume, caller, path, follow, lookupPlace);
}

/** Like {@link lookup}; `place` is where the name was found after following all links. */
export function lookupAt(
  volume: Volume,
  caller: Caller,
  path: string,
  follow: boolean,
  place: Place,
): Inode | Errno {
  const failed = walkToLast(volume, caller, path, place);
  return failed ?? finish(volume, caller, follow, place, true);
}

/** The inode that has the last name; undefined: there is none. */
export function entryAt(place: Place): Inode | Errno | undefined {
  const { directory, last } = place;
  if (last === 'name') return place.tooLong ? ENAMETOOLONG : directory.entries.get(place.name);
  return last === 'dotdot' ? directory.parent : directory;
}

/** Continues from a place along a symbolic link that was found there. */
export function walkAlong(volume: Volume, caller: Caller, symlink: Inode, place: Place): Errno | undefined {
  if (place.symlinks++ >= MAX_SYMLINKS) return ELOOP;
  const parsed = parsePath(symlink.target);
  if (parsed instanceof Errno) return parsed;
  return walk(volume, caller, parsed.absolute ? volume.root : place.directory, parsed, place);
}

function walk(
  volume: Volume,
  caller: Caller,
  start: Inode,
  parsed: ParsedPath,
  place: Place,
): Errno | undefined {
  const { names } = parsed;
  const last = names.length - 1;
  let directory = start;
  for (let at = 0; at < last; at++) {
    if (directory.kind !== 'directory') return ENOTDIR;
    if (!may(caller, directory, X_OK)) return EACCES;
    const name = names[at]!;
    if (at === parsed.longAt) return ENAMETOOLONG;
    const next = name === '..' ? directory.parent : directory.entries.get(name);
    if (next === undefined) return ENOENT;
    if (next.kind === 'symlink') {
      place.directory = directory;
      const failed = walkAlong(volume, caller, next, place);
      if (failed !== undefined) return failed;
      const target = finish(volume, caller, true, place, false);
      if (target instanceof Errno) return target;
      directory = target;
    } else {
      directory = next;
    }
  }
  place.directory = directory;
  place.slash = parsed.slash;
  if (last < 0) {
    place.last = 'root';
    return undefined;
  }
  if (directory.kind !== 'directory') return ENOTDIR;
  if (!may(caller, directory, X_OK)) return EACCES;
  const name = names[last]!;
  place.name = name;
  place.last = name === '.' ? 'dot' : name === '..' ? 'dotdot' : 'name';
  place.tooLong = last === parsed.longAt;
  return undefined;
}

/** `isLast`: whether this is the end of the path. Linux does not protect links in the middle of a path. */
function finish(
  volume: Volume,
  caller: Caller,
  follow: boolean,
  place: Place,
  isLast: boolean,
): Inode | Errno {
  let mustBeDirectory = place.slash;
  let inode = entryAt(place);
  while (inode instanceof Inode && inode.kind === 'symlink' && (follow || mustBeDirectory)) {
    const failed =
      (isLast ? refuseFollow(volume.protections, caller, place.directory, inode) : undefined) ??
      walkAlong(volume, caller, inode, place);
    if (failed !== undefined) return failed;
    mustBeDirectory ||= place.slash;
    inode = entryAt(place);
  }
  if (inode === undefined) return ENOENT;
  if (inode instanceof Errno) return inode;
  return mustBeDirectory && inode.kind !== 'directory' ? ENOTDIR : inode;
}

/**
 * The working directory is stored as a path, so a process loses it if the directory is renamed or removed. (On Linux it would follow
 * a rename.) As on Linux, permissions are not checked again.
 */
function workingDirectory(volume: Volume, caller: Caller): Inode | Errno {
  return caller.cwd === '/' ? volume.root : lookupAt(volume, KERNEL, caller.cwd, true, cwdPlace);
}
