// dist/ is a bundle: its files, what they share, what they load, and the licences of what is in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { builtPackage } from '../cli/build.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DIST = join(await builtPackage(), 'dist');
const SRC = join(ROOT, 'src');

const filesIn = (folder: string, end: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
const read = (file: string): string => readFileSync(join(DIST, file), 'utf8');
const files = filesIn(DIST, '.js').filter((file) => !file.startsWith('viewer/'));
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** The modules of src/ whose code is in a file. */
function modulesIn(file: string): string[] {
  if (!existsSync(join(DIST, `${file}.map`))) return [];
  const { sources } = JSON.parse(read(`${file}.map`)) as { sources: string[] };
  return sources
    .map((source) => resolve(DIST, dirname(file), source).replaceAll('\\', '/'))
    .flatMap((path) => /\/src\/(.*\.ts)$/.exec(path)?.[1] ?? []);
}

/** What a file, or one that it imports statically, imports. */
function loadedBy(entry: string): { files: string[]; packages: string[] } {
  const loaded = new Set([entry]);
  const packages = new Set<string>();
  for (const file of loaded) {
    for (const [, to] of read(file).matchAll(/^(?:import|export)\b[^;"]*"([^"]+)";$/gm)) {
      if (to!.startsWith('.')) loaded.add(join(dirname(file), to!));
      else packages.add(to!);
    }
  }
  return { files: [...loaded].sort(), packages: [...packages].sort() };
}

const foldersOf = (entry: string): string[] => [
  ...new Set(loadedBy(entry).files.map((file) => file.split('/')[0]!)),
];

it('no module is in two files: entries share one instance of it', () => {
  const modules = files.flatMap(modulesIn).sort();
  expect(modules.length).toBeGreaterThan(300);
  expect(modules.filter((module, i) => module === modules[i + 1])).toEqual([]);
});

it('each file is in the folder of its modules, which says whether a stack frame is a program', () => {
  const wrong = files.flatMap((file) =>
    modulesIn(file)
      .filter((module) => dirname(module).split('/')[0] !== (file.includes('/') ? file.split('/')[0] : '.'))
      .map((module) => ({ file, module })),
  );
  expect(wrong).toEqual([]);
  const systems = files.filter((file) => /^systems\/[^/]+\//.test(file));
  for (const file of systems) {
    const folder = file.split('/').slice(0, 2).join('/');
    for (const module of modulesIn(file)) expect(module).toMatch(new RegExp(`^${folder}/`));
  }
});

it('what is loaded by its path in src/ is a file in dist/', () => {
  const paths = filesIn(SRC, '.ts')
    .filter((module) => !module.startsWith('mutation/'))
    .flatMap((module) => {
      const text = readFileSync(join(SRC, module), 'utf8');
      const names = text.matchAll(/(?:new URL|\bregister)\(\s*'([^']+\.js)',\s*import\.meta\.url/g);
      return [...names].map(([, to]) => join('dist', dirname(module), to!));
    });
  expect(paths).toContain('dist/check/parallel/worker.js');
  expect(paths).toContain('dist/check/isolation/loader-hooks.js');
  const missing = paths.filter((path) => !existsSync(join(DIST, '..', path)));
  expect(missing).toEqual([]);
});

it('import.meta.url is that of the module, not that of the file that it is in', () => {
  // The bundler gives CommonJS a require() of built-in modules.
  const withoutRequire = (code: string): string => code.replaceAll('createRequire(import.meta.url)', '');
  const uses = files.filter((file) =>
    /[^'"`\w-]import\.meta\.url\b/.test(withoutRequire(withoutTexts(read(file)))),
  );
  expect(uses).toEqual(['own-url.js']);
});

it('has source maps that Node does not use: the frames of a stack would be in src/, and not count as ours', () => {
  expect(files.filter((file) => existsSync(join(DIST, `${file}.map`))).length).toBeGreaterThan(50);
  expect(files.filter((file) => /^\/\/# sourceMappingURL/m.test(read(file)))).toEqual([]);
});

it('dist/ imports dependencies only, and all of them', () => {
  const optional = Object.keys(manifest.peerDependenciesMeta);
  const dependencies = Object.keys(manifest.dependencies);
  const imported = files.flatMap((file) =>
    // A package that may be missing is loaded by a require() of our own.
    [...read(file).matchAll(/(?:^(?:import|export)\b[^;"]*|\b(?:import|load)\()"([^".][^"]*)"/gm)].map(
      ([, to]) => to!,
    ),
  );
  const packages = new Set(imported.filter((name) => !isBuiltin(name) && !name.startsWith('../')));
  expect([...packages].sort()).toEqual([...dependencies, ...optional].sort());
});

it('declarations import dependencies only', () => {
  const known = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  const declarations = filesIn(DIST, '.d.ts');
  const foreign = declarations.flatMap((file) =>
    [...read(file).matchAll(/(?:\bfrom|\bimport\() ?'([^' ]+)'/g)]
      .map(([, to]) => to!)
      .filter((to) => !/^(?:\.|node:)/.test(to) && !known.includes(to))
      .map((to) => ({ file, to })),
  );
  expect(foreign).toEqual([]);
  for (const file of declarations) {
    const relative = [...read(file).matchAll(/(?:\bfrom|\bimport\() ?'(\.[^']+)'/g)].map(([, to]) => to!);
    for (const to of relative)
      expect(existsSync(join(DIST, dirname(file), to.replace(/\.js$/, '.d.ts')))).toBe(true);
  }
});

it('an entry loads only what it needs', () => {
  expect(foldersOf('owner/index.js').sort()).toEqual([
    'model',
    'node',
    'owner',
    'ports',
    'rolldown-runtime.js',
  ]);
  expect(foldersOf('ports/index.js')).toEqual(['ports', 'rolldown-runtime.js']);
  expect(foldersOf('index.js')).not.toContain('systems');
  expect(foldersOf('index.js')).not.toContain('cli');
  for (const folder of ['sim', 'check', 'run', 'systems'])
    expect(foldersOf('cli/main.js')).not.toContain(folder);
  expect(foldersOf('cli/actions/check.js')).not.toContain('systems');
  // Every start of a daemon waits for them: what takes long to load, such as node:http, is loaded when it is needed.
  expect(loadedBy('owner/index.js').packages).toEqual(['node:fs', 'node:module', 'node:os', 'node:path']);
});

it('the licence of each package in it is in THIRD-PARTY.md', () => {
  const [, ...sections] = read('THIRD-PARTY.md').split(/^## /m);
  const titles = sections.map((section) => section.split(' (', 1)[0]!);
  const sources = files.flatMap(modulesIn).map((module) => readFileSync(join(SRC, module), 'utf8'));
  const bundled = Object.keys(manifest.devDependencies).filter(
    (name) =>
      !(name in manifest.peerDependencies) &&
      sources.some((text) => new RegExp(`^import (?!type)[^;]*'${name}';`, 'm').test(text)),
  );
  expect(bundled).toContain('zod');
  for (const name of [...bundled, 'lit-html', 'rolldown']) {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
    expect(titles).toContain(`${name} ${version}`);
  }
  for (const section of sections) expect(section).toMatch(/^> .*(?:permission|redistribution)/im);
});

function withoutTexts(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '');
}
