import { existsSync, readFileSync } from 'node:fs';
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

  test.each(entries)('the exports of $specifier are those in docs/api: npm run api', async (entry) => {
    const { page, specifier, exports: exported } = entry;
    const declarations = exported.map(({ declaration }) => withoutComments(declaration)).join('\n\n');
    const text = `# Exports of ${specifier}\n\nWritten by the compiler: \`npm run api\`.\n\n\`\`\`ts\n${declarations}\n\`\`\`\n`;
    await expect(text).toMatchFileSnapshot(join(ROOT, 'docs/api', page.replace(/\.md$/, '.api.md')));
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

  test('are a table of contents and a page for each entry', () => {
    expect(pages.map(({ path }) => path)).toEqual(['README.md', ...entries.map(({ page }) => page)]);
    const contents = pages[0]!.text;
    for (const { exports: exported } of entries)
      for (const { name } of exported) expect(contents).toContain(`[\`${name}\`](`);
  });

  test('link only to headings of each other and to source files', () => {
    const anchors = new Set(
      pages.flatMap(({ path, text }) => anchorsOf(text).map((anchor) => `${path}#${anchor}`)),
    );
    const links = pages.flatMap(({ text }) => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!));
    expect(links.length).toBeGreaterThan(anchors.size);
    const broken = links.filter((to) => {
      if (to.startsWith('../../')) return !existsSync(join(ROOT, to.slice('../../'.length)));
      return to.includes('#') ? !anchors.has(to) : !pages.some(({ path }) => path === to);
    });
    expect(broken).toEqual([]);
  });
});

/** As GitHub makes them: headings that differ only in their case are numbered. */
function anchorsOf(text: string): string[] {
  const times = new Map<string, number>();
  return [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => {
    const word = heading!.toLowerCase();
    const before = times.get(word) ?? 0;
    times.set(word, before + 1);
    return before === 0 ? word : `${word}-${before}`;
  });
}

function withoutComments(declaration: string): string {
  return declaration.replace(/^[ \t]*\/\*\*[\s\S]*?\*\/\n/gm, '');
}
