/** What `init` writes: the example of a lock, in the language of the project. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_NAMES } from './config-names.ts';
import { GITIGNORE, PROJECT_FOLDER } from './folder.ts';
import type { Manifest } from './manifest.ts';

/**
 * `mts`: TypeScript in a project whose modules are CommonJS unless their name says otherwise. `mjs` is the same in both kinds of projects.
 */
export type Language = 'mjs' | 'ts' | 'mts';

export interface Template {
  readonly path: string;
  readonly about: string;
  /** Names of files that serve the same purpose. */
  readonly others: readonly string[];
  readonly text: () => string;
}

/** It has comments, and configurations of others: what is there is not changed. */
export const LAUNCH = '.vscode/launch.json';
export const WORKFLOW = '.github/workflows/one-survivor.yml';

/** Part of the package, and tested there. */
const EXAMPLES = new URL('../../examples/', import.meta.url);
const LANGUAGES: readonly Language[] = ['mjs', 'ts', 'mts'];

/** That of the lock if there is one, because the test imports it; otherwise that of the project. */
export function languageOf(folder: string, manifest: Manifest | null): Language {
  const existing = LANGUAGES.find((language) => existsSync(join(folder, `races/lock.${language}`)));
  if (existing !== undefined) return existing;
  const isTypeScript =
    existsSync(join(folder, 'tsconfig.json')) || (manifest?.dependencies.has('typescript') ?? false);
  if (!isTypeScript) return 'mjs';
  // Without a package.json, ours is written, which says "module".
  return manifest === null || manifest.content.type === 'module' ? 'ts' : 'mts';
}

/** @param hasLockfile whether `npm ci` can install the packages */
export function templatesFor(language: Language, hasLockfile: boolean): Template[] {
  const each = (path: string): string[] => LANGUAGES.map((other) => `${path}.${other}`);
  return [
    {
      path: `races/lock.${language}`,
      about: 'a lock and its race: replace it by your own',
      others: each('races/lock'),
      text: () => example('lock', language),
    },
    {
      path: `races/lock.test.${language}`,
      about: 'the race as a vitest test',
      others: each('races/lock.test'),
      text: () => example('lock.test', language),
    },
    {
      path: `one-survivor.config.${language}`,
      about: 'the scenarios that npx one-survivor check runs',
      others: CONFIG_NAMES,
      text: () => example('one-survivor.config', language),
    },
    {
      path: WORKFLOW,
      about: 'runs both on each push',
      others: [],
      text: () => {
        const text = readFileSync(new URL('own-lock/one-survivor.yml', EXAMPLES), 'utf8');
        return hasLockfile ? text.replace('run: npm install', 'run: npm ci') : text;
      },
    },
    {
      path: LAUNCH,
      about: 'stops the debugger of VS Code in a step of a run',
      others: [],
      text: () => readFileSync(new URL('own-lock/launch.json', EXAMPLES), 'utf8'),
    },
    {
      path: `${PROJECT_FOLDER}/.gitignore`,
      about: 'violations that are found are to be committed, as regression tests',
      others: [],
      text: () => GITIGNORE,
    },
  ];
}

function example(name: string, language: Language): string {
  if (language === 'mjs') return readFileSync(new URL(`own-lock/${name}.mjs`, EXAMPLES), 'utf8');
  const text = readFileSync(new URL(`own-lock-typescript/${name}.ts`, EXAMPLES), 'utf8');
  if (language === 'ts') return text;
  return text.replace(
    /(\.\/[\w*/]+)\.(js|ts)'/g,
    (_, path, end) => `${path}.${end === 'js' ? 'mjs' : 'mts'}'`,
  );
}
