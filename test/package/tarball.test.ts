// What is in the package that npm would publish, and what its pages and maps point to.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Tarball } from '../cli/packed.ts';
import { linksIn } from '../docs/markdown.ts';

const tarball = await Tarball.pack();
const folder = mkdtempSync(join(tmpdir(), 'one-survivor-unpacked-'));
await tarball.extract(folder);
afterAll(() => {
  tarball.remove();
  rmSync(folder, { recursive: true, force: true });
});

const paths = tarball.contents.files.map(({ path }) => path);
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
const MB = 1_000_000;

it('has what it is for, and nothing else', () => {
  const folders = new Set(paths.map((path) => path.replace(/\/.*/, '/')));
  expect([...folders].sort()).toEqual(
    [
      ...['dist/', 'docs/', 'examples/', 'fixtures/', 'schemas/', 'src/', 'action.yml', 'package.json'],
      ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'SECURITY.md', 'UPGRADING.md'],
    ].sort(),
  );
  expect(paths.filter((path) => path.startsWith('fixtures/'))).toEqual(['fixtures/tokens.json']);
  expect(paths).toContain('dist/THIRD-PARTY.md');
  const unwanted = paths.filter((path) =>
    /\.diff$|(?<!^examples\/.*)\.test\.ts$|\.tsbuildinfo$|(?:^|\/)node_modules\//.test(path),
  );
  expect(unwanted).toEqual([]);
  const main = tarball.contents.files.find(({ path }) => path === 'dist/cli/main.js');
  expect(main!.mode & 0o111).not.toBe(0);
});

it('is small', () => {
  expect(tarball.contents.size).toBeLessThan(3.5 * MB);
  expect(tarball.contents.unpackedSize).toBeLessThan(11.5 * MB);
});

it('runs nothing when it is installed', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  // npm runs `prepare` in a clone and for a dependency from git, not for one from a registry or a tarball.
  for (const name of ['preinstall', 'install', 'postinstall']) expect(scripts).not.toHaveProperty(name);
  expect(paths).not.toContain('binding.gyp');
});

it('has every file that its pages link to', () => {
  const pages = paths.filter((path) => path.endsWith('.md'));
  const links = pages.flatMap((page) =>
    linksIn(read(page))
      .filter((to) => !/^(?:[a-z]+:|#)/.test(to))
      .map((to) => ({ page, to: posix.join(posix.dirname(page), to.replace(/#.*/, '')).replace(/\/$/, '') })),
  );
  expect(links.length).toBeGreaterThan(100);
  const broken = links.filter(({ to }) => !paths.some((path) => path === to || path.startsWith(`${to}/`)));
  expect(broken).toEqual([]);
});

it('has every source that its maps point to', () => {
  const maps = paths.filter((path) => path.endsWith('.map'));
  expect(maps.some((path) => path.endsWith('.d.ts.map'))).toBe(true);
  const missing = maps.flatMap((map) => {
    const { sources, sourceRoot = '' } = JSON.parse(read(map)) as { sources: string[]; sourceRoot?: string };
    return sources
      .map((source) => posix.join(posix.dirname(map), sourceRoot, source))
      .filter((source) => !paths.includes(source))
      .map((source) => ({ map, source }));
  });
  expect(missing).toEqual([]);
});
