/** Where a project is: in which repository, with which lockfile, and whether CI can install its packages. */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Manifest } from './manifest.ts';

/** The lockfiles that `npm ci` accepts. */
const LOCKFILES = ['package-lock.json', 'npm-shrinkwrap.json'];

export function hasLockfile(folder: string): boolean {
  return LOCKFILES.some((name) => existsSync(join(folder, name)));
}

/** The root of the git repository that has this folder; `null` if there is none. */
export function repositoryOf(folder: string): string | null {
  for (let path = folder; ; path = dirname(path)) {
    if (existsSync(join(path, '.git'))) return path;
    if (dirname(path) === path) return null;
  }
}

/** GitHub reads workflows only at the root of a repository. */
export function nestedNote(folder: string, root: string): string {
  const path = relative(root, folder).split(sep).join('/');
  return `no CI job is written: this folder is ${path} of the repository ${root}, and GitHub reads jobs only in .github/workflows of its root. Add one there with these steps, and working-directory: ${path}: npm ${hasLockfile(folder) ? 'ci' : 'install'}, npx one-survivor check, npx vitest run races`;
}

/** CI has only what is in the repository. */
export function localNotes(folder: string, root: string, { content }: Manifest): string[] {
  const { dependencies, devDependencies } = content as Partial<Record<string, Record<string, unknown>>>;
  const version = { ...dependencies, ...devDependencies }['one-survivor'];
  if (typeof version !== 'string' || !/^(?:file|link):/.test(version)) return [];
  const path = resolve(folder, version.replace(/^(?:file|link):/, ''));
  if (path.startsWith(root + sep)) return [];
  return [
    `one-survivor is installed from ${version}, which is outside of this repository, so the job in CI cannot install it: use a published version, or a path inside of the repository`,
  ];
}
