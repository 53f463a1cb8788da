import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of a project: written, or there before and left as it is. */
export interface Scaffolded {
  /** Below the project's folder. */
  readonly path: string;
  readonly about: string;
  readonly written: boolean;
  /** The file that is in its place, when it has another name. */
  readonly instead?: string;
}

export interface Scaffold {
  readonly files: readonly Scaffolded[];
  /** Packages that the files need and package.json does not name. */
  readonly missing: readonly string[];
}

interface Template {
  readonly path: string;
  readonly about: string;
  readonly text: string;
  /** Whichever of these is there takes its place. */
  readonly others?: readonly string[];
}

/** Comes with the package, and is under test there. */
const EXAMPLE = new URL('../../examples/own-lock/', import.meta.url);
const PACKAGE = new URL('../../package.json', import.meta.url);
const NEEDED = ['one-survivor', 'vitest'];

/** The folder cannot hold the files: says which, why, and what to do. */
export class ScaffoldError extends Error {
  override readonly name = 'ScaffoldError';
}

/**
 * Writes a first scenario, its test, a config and a CI job into a project. What is there stays as it is.
 *
 * @throws ScaffoldError
 */
export function scaffold(folder: string, { dryRun = false } = {}): Scaffold {
  const named = dependenciesOf(folder);
  const files = templates().map(({ path, about, text, others = [] }): Scaffolded => {
    const instead = others.find((other) => existsSync(join(folder, other)));
    if (instead !== undefined) return { path, about, written: false, instead };
    const written = dryRun ? !existsSync(join(folder, path)) : write(join(folder, path), text);
    return { path, about, written };
  });
  return { files, missing: named === null ? [] : NEEDED.filter((name) => !named.has(name)) };
}

function templates(): Template[] {
  const example = (name: string): string => readFileSync(new URL(name, EXAMPLE), 'utf8');
  return [
    {
      path: 'races/lock.mjs',
      about: 'a lock and its race: put your own in its place',
      text: example('lock.mjs'),
    },
    {
      path: 'races/lock.test.mjs',
      about: 'the race as a vitest test',
      text: example('lock.test.mjs'),
    },
    {
      path: 'one-survivor.config.mjs',
      about: 'what npx one-survivor check checks',
      text: example('one-survivor.config.mjs'),
      others: ['one-survivor.config.js', 'one-survivor.config.ts'],
    },
    {
      path: '.github/workflows/one-survivor.yml',
      about: 'both on each push',
      text: example('one-survivor.yml'),
    },
    { path: 'package.json', about: 'what they need', text: newPackage() },
  ];
}

function newPackage(): string {
  const { version, peerDependencies } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as {
    version: string;
    peerDependencies: { vitest: string };
  };
  return `${JSON.stringify(
    {
      private: true,
      type: 'module',
      scripts: { test: 'vitest run' },
      devDependencies: { 'one-survivor': `^${version}`, vitest: peerDependencies.vitest },
    },
    null,
    2,
  )}\n`;
}

/** What package.json names; null: there is none. */
function dependenciesOf(folder: string): Set<string> | null {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return null;
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(path, 'utf8'));
    return new Set(Object.keys({ ...dependencies, ...devDependencies }));
  } catch (error) {
    throw new ScaffoldError(`${path} cannot be read: ${(error as Error).message}. Mend it, and try again`);
  }
}

/** Never over anything that is there. @returns whether it was written */
function write(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(path)) return false;
    throw new ScaffoldError(`${path} cannot be written: ${(error as Error).message}`);
  }
}
