import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linksIn } from './markdown.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const pages = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples'].flatMap((folder) =>
    existsSync(join(ROOT, folder))
      ? readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
          .map((name) => join(folder, name))
      : [],
  ),
];
/** As GitHub makes them: letters, digits, `_` and `-` of the heading; the second of a kind is numbered. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const raw = readFileSync(join(ROOT, page), 'utf8').replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1`*$/gm, '');
  for (const [, heading] of raw.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const shown = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const word = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = word;
    for (let i = 1; anchors.has(anchor); i++) anchor = `${word}-${i}`;
    anchors.add(anchor);
  }
  return anchors;
}

const links = pages.flatMap((page) =>
  linksIn(readFileSync(join(ROOT, page), 'utf8')).map((to) => ({ page, to })),
);
const internal = links.filter(({ to }) => !/^[a-z]+:/.test(to));

describe('links of the documentation', () => {
  test('exist', () => {
    expect(internal.length).toBeGreaterThan(20);
  });

  test('lead to existing files and headings', () => {
    const broken = internal.filter(({ page, to }) => !leads(page, to));
    expect(broken).toEqual([]);
  });

  test('every picture exists in light and dark', () => {
    const pictures = internal.map(({ to }) => to).filter((to) => to.endsWith('.png'));
    expect(pictures.filter((to) => to.endsWith('-dark.png')).length).toBe(pictures.length / 2);
    expect(pictures.length).toBeGreaterThan(0);
  });

  test('to other sites use https', () => {
    const others = links.filter(({ to }) => /^[a-z]+:/.test(to) && !to.startsWith('https://'));
    expect(others).toEqual([]);
  });

  test('every page of docs is linked from another', () => {
    const linked = new Set(internal.map(({ page, to }) => targetOf(page, to).file));
    const folders = new Set([...linked].filter((file) => existsSync(join(ROOT, file, '.'))));
    const lonely = pages.filter(
      (page) => page.startsWith('docs/') && !linked.has(page) && !folders.has(dirname(page)),
    );
    expect(lonely).toEqual([]);
  });
});

function leads(page: string, to: string): boolean {
  const { file, anchor } = targetOf(page, to);
  if (!existsSync(join(ROOT, file)) || relative('.', file).startsWith('..')) return false;
  if (anchor === undefined) return true;
  return file.endsWith('.md') ? anchorsOf(file).has(anchor) : /^L\d+(?:-L\d+)?$/.test(anchor);
}

function targetOf(page: string, to: string): { file: string; anchor: string | undefined } {
  const [path = '', anchor] = to.split('#');
  const file = path === '' ? page : join(dirname(page), decodeURI(path));
  return { file: file.replace(/\/$/, ''), anchor };
}
