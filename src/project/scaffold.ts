/** The first files of a user's project: a scenario, its test, a config, a CI job and a script. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { addScript, type Manifest, newManifest, readManifest } from './manifest.ts';
import { ScaffoldError } from './scaffold-error.ts';
import { hasLockfile, localNotes, nestedNote, repositoryOf } from './surroundings.ts';
import { type Language, languageOf, type Template, templatesFor, WORKFLOW } from './templates.ts';

/** A file of a project: written, or skipped because it exists. */
export interface Scaffolded {
  /** Relative to the folder of the project. */
  readonly path: string;
  readonly about: string;
  /** Whether it is new. */
  readonly written: boolean;
  /** Whether something was added to an existing file. */
  readonly changed?: boolean;
  /** An existing file with another name that serves the same purpose. */
  readonly instead?: string;
}

export interface Scaffold {
  readonly language: Language;
  readonly files: readonly Scaffolded[];
  /** Packages that the files require and that are missing in package.json. */
  readonly missing: readonly string[];
  /** What does not work in CI as it is, and what to do. */
  readonly notes: readonly string[];
}

const NEEDED = ['one-survivor', 'vitest'];

/**
 * Writes a first scenario, its test, a config and a CI job into a project, in TypeScript if the project uses it, and adds a script
 * that runs the test. Never overwrites a file or a script.
 *
 * @throws ScaffoldError
 */
export function scaffold(folder: string, { dryRun = false } = {}): Scaffold {
  const manifest = readManifest(folder);
  const language = languageOf(folder, manifest);
  const root = repositoryOf(folder);
  const isNested = root !== null && root !== folder;
  const templates = templatesFor(language, hasLockfile(folder));
  const files = templates
    .filter(({ path }) => path !== WORKFLOW || !isNested)
    .map((template) => scaffoldOne(folder, template, dryRun));
  const missing = manifest === null ? [] : NEEDED.filter((name) => !manifest.dependencies.has(name));
  const notes = [
    ...(isNested ? [nestedNote(folder, root)] : []),
    ...(manifest === null ? [] : localNotes(folder, root ?? folder, manifest)),
  ];
  return { language, files: [...files, scaffoldManifest(folder, manifest, dryRun)], missing, notes };
}

function scaffoldOne(folder: string, { path, about, text, others }: Template, dryRun: boolean): Scaffolded {
  const instead = others.find((other) => other !== path && existsSync(join(folder, other)));
  if (instead !== undefined) return { path, about, written: false, instead };
  const written = dryRun ? !existsSync(join(folder, path)) : write(join(folder, path), text());
  return { path, about, written };
}

function scaffoldManifest(folder: string, manifest: Manifest | null, dryRun: boolean): Scaffolded {
  const path = 'package.json';
  if (manifest === null) {
    if (!dryRun) write(join(folder, path), newManifest());
    return { path, about: 'the packages that they require, and a script that runs the test', written: true };
  }
  const added = addScript(manifest);
  if (added === null) return { path, about: 'has a script that runs the test', written: false };
  if (!dryRun) replace(manifest.path, added.text);
  return { path, about: `adds the script ${added.name}: ${added.command}`, written: false, changed: true };
}

/** Never overwrites. @returns whether it was written */
function write(path: string, text: string): boolean {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(path)) return false;
    throw new ScaffoldError(`${path} cannot be written: ${(error as Error).message}`);
  }
}

function replace(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new ScaffoldError(`${path} cannot be written: ${(error as Error).message}`);
  }
}
