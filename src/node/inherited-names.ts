/**
 * Names of inherited Unix sockets. A socket that keeps its name is bound through a descriptor of the directory (see kept-name.ts), and
 * Linux has only that path. So a parent passes the names to its children in an environment variable.
 */
import fs from 'node:fs';
import { basename } from 'node:path';
import { isThroughDescriptor } from './kept-name.ts';

const VARIABLE = 'ONE_SURVIVOR_SOCKETS';

/** By the inode number of the socket. */
export type SocketNames = Readonly<Record<string, string>>;

/** The environment of a child that inherits these sockets. It also gets the names that this process was given. */
export function withNames(env: NodeJS.ProcessEnv, names: SocketNames): NodeJS.ProcessEnv {
  const all = { ...namesOf(process.env), ...names };
  return Object.keys(all).length === 0 ? env : { ...env, [VARIABLE]: JSON.stringify(all) };
}

export function inodeOf(rawDescriptor: number): string {
  return String(fs.fstatSync(rawDescriptor).ino);
}

/** @param bound the path in /proc/net/unix. It is returned if no other name is known. */
export function nameOfInherited(inode: string, bound: string): string {
  if (!isThroughDescriptor(bound)) return bound;
  const name = namesOf(process.env)[inode];
  // Inode numbers are reused.
  return name !== undefined && basename(name) === basename(bound) ? name : bound;
}

/** None if the variable has another form: anyone can set it. */
function namesOf(env: NodeJS.ProcessEnv): SocketNames {
  let names: unknown;
  try {
    names = JSON.parse(env[VARIABLE] ?? '{}');
  } catch {
    return {};
  }
  if (typeof names !== 'object' || names === null) return {};
  return Object.fromEntries(
    Object.entries(names).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
