import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-expect-error: a script, without types.
import { readApi } from '../../scripts/api.mjs';
// @ts-expect-error: a script, without types.
import { apiPages, undocumented } from '../../scripts/api-pages.mjs';

interface Entry {
  specifier: string;
  page: string;
  exports: { name: string; kind: string; file: string; doc: string; declaration: string }[];
}

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/api');
const entries: Entry[] = readApi(ROOT);
const pages: { path: string; text: string }[] = apiPages(entries);

describe('the pages of the API', () => {
  test('are made of every entry of package.json', () => {
    const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      name: string;
      exports: Record<string, string | { types: string }>;
    };
    const expected = Object.entries(exports)
      .filter(([, to]) => typeof to !== 'string')
      .map(([path]) => `${name}${path.slice(1)}`);
    expect(entries.map(({ specifier }) => specifier)).toEqual(expected);
    for (const { exports: exported, specifier } of entries)
      expect(exported.length, specifier).toBeGreaterThan(0);
  });

  test('know what is exported', () => {
    const root = entries.find(({ specifier }) => specifier === 'one-survivor')!.exports;
    expect(root.find(({ name }) => name === 'check')).toMatchObject({
      kind: 'function',
      file: 'check/check.ts',
      declaration: 'function check(scenario: Scenario, options: CheckOptions): Promise<ScenarioReport>;',
    });
    expect(root.find(({ name }) => name === 'SystemError')).toMatchObject({
      kind: 'class',
      file: 'ports/error.ts',
    });
    for (const { name, kind, declaration } of root) {
      expect(kind, name).not.toBe('');
      expect(declaration).not.toMatch(/^export/);
    }
  });

  test('every public export has a docstring', () => {
    expect(undocumented(entries)).toEqual([]);
  });

  test('one without would be seen', () => {
    const [first, ...rest] = entries;
    const bare = { ...first!, exports: [{ ...first!.exports[0]!, doc: '' }] };
    expect(undocumented([bare, ...rest])).toEqual([
      `${bare.exports[0]!.name} of one-survivor (src/${bare.exports[0]!.file})`,
    ]);
  });

  test('are as the docstrings are now: npm run docs:api', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(pages.map(({ path }) => path).sort());
    for (const { path, text } of pages) {
      expect(readFileSync(join(FOLDER, path), 'utf8') === text, `docs/api/${path}: npm run docs:api`).toBe(
        true,
      );
    }
  });
});
