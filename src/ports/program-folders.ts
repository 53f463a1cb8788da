/** Folders that a program finds on every machine that it is installed on. */
import type { Program } from './ports.ts';

const known = new WeakMap<Program, readonly string[]>();

/** @param folders absolute paths, which exist when a run begins */
export function withFolders(program: Program, folders: readonly string[]): Program {
  known.set(program, folders);
  return program;
}

export function foldersOf(program: Program): readonly string[] {
  return known.get(program) ?? [];
}
