/** The package.json of a user's project. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScaffoldError } from './scaffold-error.ts';

export interface Manifest {
  readonly path: string;
  readonly text: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** The names of all dependencies. */
  readonly dependencies: ReadonlySet<string>;
}

export interface AddedScript {
  readonly name: string;
  readonly command: string;
  /** The whole package.json with it. */
  readonly text: string;
}

const OWN = new URL('../../package.json', import.meta.url);
const RUNS_RACES = /\b(?:vitest|one-survivor)\b/;

/**
 * @returns `null` if there is none
 * @throws ScaffoldError if it cannot be read
 */
export function readManifest(folder: string): Manifest | null {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return null;
  try {
    const text = readFileSync(path, 'utf8');
    const content = JSON.parse(text.replace(/^\ufeff/, ''));
    const { dependencies, devDependencies } = content;
    return {
      path,
      text,
      content,
      dependencies: new Set(Object.keys({ ...dependencies, ...devDependencies })),
    };
  } catch (error) {
    throw new ScaffoldError(`${path} cannot be read: ${(error as Error).message}. Fix it and try again`);
  }
}

/**
 * Adds `test`, or if there is one, `test:races`. `null` if a script runs the test already: `test` with vitest, or `test:races`.
 * Everything else stays as it is written, except spaces.
 */
export function addScript({ text, content }: Manifest): AddedScript | null {
  const scripts = (content.scripts ?? {}) as Record<string, string>;
  if (RUNS_RACES.test(scripts.test ?? '') || scripts['test:races'] !== undefined) return null;
  const [name, command] =
    scripts.test === undefined ? ['test', 'vitest run'] : ['test:races', 'vitest run races'];
  const indent = /^[\t ]+/m.exec(text)?.[0] ?? 2;
  const end = /\r?\n$/.exec(text)?.[0] ?? '';
  const changed = { ...content, scripts: { ...scripts, [name]: command } };
  const [mark = ''] = /^\ufeff/.exec(text) ?? [];
  const json = JSON.stringify(changed, null, indent);
  const withEnds = text.includes('\r\n') ? json.replaceAll('\n', '\r\n') : json;
  return { name, command, text: `${mark}${withEnds}${end}` };
}

/** For a folder without package.json. */
export function newManifest(): string {
  const { version, peerDependencies } = JSON.parse(readFileSync(OWN, 'utf8')) as {
    version: string;
    peerDependencies: { vitest: string };
  };
  const manifest = {
    private: true,
    type: 'module',
    scripts: { test: 'vitest run' },
    devDependencies: { 'one-survivor': `^${version}`, vitest: peerDependencies.vitest },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
