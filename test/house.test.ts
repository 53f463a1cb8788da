import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = path.join(import.meta.dirname, '../src');

/** Which folders each folder may import; its own always. From the bottom up: each names folders above it only. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  ports: [],
  model: ['ports'],
  sim: ['ports'],
  node: ['ports'],
  host: ['sim', 'ports'],
  guest: ['host', 'sim', 'ports'],
  scenario: ['host', 'sim', 'ports'],
  run: ['scenario', 'host', 'sim', 'ports'],
  schedule: ['run', 'scenario', 'sim', 'ports'],
  check: ['schedule', 'run', 'scenario', 'host', 'sim', 'ports'],
  explore: ['check', 'run', 'scenario', 'host', 'sim', 'ports'],
  systems: ['scenario', 'guest', 'model', 'sim', 'ports'],
  mutation: ['check', 'scenario'],
  real: ['scenario', 'node', 'ports'],
  report: ['mutation', 'check', 'schedule', 'run', 'scenario', 'sim', 'ports'],
  project: ['report', 'check', 'schedule', 'scenario'],
  owner: ['model', 'node', 'ports'],
  vitest: ['project', 'report', 'check', 'schedule', 'run', 'scenario', 'ports'],
  cli: [
    'project',
    'report',
    'real',
    'mutation',
    'systems',
    'explore',
    'check',
    'schedule',
    'scenario',
    'host',
    'node',
    'model',
    'sim',
    'ports',
  ],
};

/** Folders that are made to touch the real machine. */
const REAL = new Set(['node', 'real', 'mutation', 'project', 'vitest', 'cli']);
/** It reads the published packages that run as guests, before any process does. */
const READS_PACKAGES = 'guest/packages.ts';

/** What reaches the real machine behind the ports' back. Globals (process, timers, console) are the linter's: biome.json. */
const AMBIENT = [
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bMath\.random\b/,
  /'node:(?:fs|fs\/promises|net|http|https|child_process|dgram|process|timers|timers\/promises)'/,
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(path.join(SRC, file), 'utf8') }));

/** Comments do not count. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

function importsOf({ file, text }: { file: string; text: string }): string[] {
  const imports = codeOf(text).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g);
  return [...imports].map(([, to]) => path.posix.join(path.posix.dirname(file), to!));
}

describe('the house', () => {
  it.each(Object.keys(ARROWS))('arrows from src/%s run downwards only', (folder) => {
    const allowed = [folder, ...ARROWS[folder]!];
    const wrong = files
      .filter(({ file }) => file.startsWith(`${folder}/`))
      .flatMap((entry) => importsOf(entry).map((to) => ({ from: entry.file, to })))
      .filter(({ to }) => !allowed.includes(to.split('/')[0]!));
    expect(wrong).toEqual([]);
  });

  it('every folder has its place', () => {
    const folders = new Set(
      files.filter(({ file }) => file.includes('/')).map(({ file }) => file.split('/')[0]!),
    );
    expect([...folders].filter((folder) => !Object.hasOwn(ARROWS, folder))).toEqual([]);
  });

  it('only node/, real/, mutation/, project/, vitest/ and cli/ touch the real machine', () => {
    const wrong = files
      .filter(({ file }) => !REAL.has(file.split('/')[0]!) && file !== READS_PACKAGES)
      .flatMap(({ file, text }) =>
        AMBIENT.filter((pattern) => pattern.test(codeOf(text))).map((pattern) => ({ file, pattern })),
      );
    expect(wrong).toEqual([]);
  });
});
