import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const MAP = /^## The house\n\n```\n([\s\S]*?)^```$/m.exec(PAGE)![1]!;
const named = [...MAP.matchAll(/^(\S+)\/ {2,}/gm)].map(([, folder]) => folder!);

/** Not the project's. */
const OTHERS = ['node_modules', 'dist', 'build', 'coverage', 'site'];

const foldersOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !OTHERS.includes(entry.name))
    .map(({ name }) => name);

describe('the map of the house', () => {
  test('lists exactly the existing folders', () => {
    const folders = [
      ...foldersOf('.').filter((name) => name !== 'src'),
      ...foldersOf('src').map((name) => `src/${name}`),
    ];
    expect([...named].sort()).toEqual(folders.sort());
  });

  test('names the existing systems', () => {
    const systems = /^src\/systems\/ [\s\S]*?(?=^\S)/m.exec(MAP)![0];
    for (const name of foldersOf('src/systems')) expect(systems).toContain(`${name}/`);
  });
});
