import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = path.join(import.meta.dirname, '../src');

/** Which folders each folder may import; its own always. From the bottom up: each names folders above it only. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  ports: [],
  judge: [],
  model: ['ports'],
  sim: ['ports'],
  node: ['ports'],
  host: ['sim', 'ports'],
  guest: ['host', 'sim', 'ports'],
  scenario: ['judge', 'host', 'sim', 'ports'],
  run: ['scenario', 'host', 'sim', 'ports'],
  schedule: ['run', 'scenario', 'sim', 'ports'],
  check: ['schedule', 'run', 'scenario', 'host', 'sim', 'ports'],
  explore: ['check', 'run', 'scenario', 'host', 'sim', 'ports'],
  simulate: ['run', 'scenario', 'guest', 'judge', 'sim', 'ports'],
  systems: ['scenario', 'guest', 'model', 'sim', 'ports'],
  mutation: ['check', 'scenario'],
  real: ['judge', 'scenario', 'model', 'node', 'ports'],
  lockstep: ['real', 'node', 'run', 'scenario', 'sim', 'ports'],
  storm: ['real', 'judge', 'node', 'ports'],
  trials: ['real', 'systems', 'model', 'node', 'ports'],
  report: ['lockstep', 'judge', 'mutation', 'check', 'schedule', 'run', 'scenario', 'sim', 'ports'],
  project: ['simulate', 'report', 'check', 'schedule', 'scenario', 'ports'],
  owner: ['model', 'node', 'ports'],
  vitest: ['project', 'report', 'check', 'schedule', 'run', 'scenario', 'ports'],
  'fast-check': ['report', 'check', 'schedule', 'run', 'scenario', 'sim', 'ports'],
  cli: [
    'project',
    'report',
    'trials',
    'lockstep',
    'storm',
    'real',
    'mutation',
    'systems',
    'simulate',
    'guest',
    'judge',
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

/** The same for the folders of the simulated machine. */
const SIM_ARROWS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  vfs: ['base'],
  records: ['vfs', 'base'],
  kernel: ['records', 'vfs', 'base'],
  syscalls: ['kernel', 'records', 'vfs', 'base'],
  faults: ['syscalls', 'kernel', 'records', 'vfs', 'base'],
  machine: ['faults', 'syscalls', 'kernel', 'records', 'vfs', 'base'],
};

/** Folders that are made to touch the real machine. */
const REAL = new Set(['node', 'real', 'lockstep', 'storm', 'mutation', 'project', 'vitest', 'cli']);
/** It reads the published packages that run as guests, before any process does. */
const READS_PACKAGES = 'guest/modules/disk.ts';
/** Takes the parser, the agent and the messages of Node's http, and none of its sockets. */
const USES_HTTP = 'guest/net/node.ts';
/** It reads source maps, when a place is shown. */
const READS_MAPS = 'host/source-positions.ts';
const MAY_IMPORT = new Set([READS_PACKAGES, USES_HTTP, READS_MAPS]);

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

/** Strongly connected components of more than one file (Tarjan 1972), each sorted, and sorted by their first. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const indices = new Map<string, number>();
  const lows = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    const index = indices.size;
    indices.set(file, index);
    lows.set(file, index);
    stack.push(file);
    for (const to of imports.get(file) ?? []) {
      if (!imports.has(to)) continue;
      if (!indices.has(to)) visit(to);
      if (stack.includes(to)) lows.set(file, Math.min(lows.get(file)!, lows.get(to)!));
    }
    if (lows.get(file) !== index) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const file of imports.keys()) if (!indices.has(file)) visit(file);
  return circles.sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
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

  it.each(Object.keys(SIM_ARROWS))('arrows from src/sim/%s run downwards only', (folder) => {
    const allowed = [folder, ...SIM_ARROWS[folder]!];
    const wrong = files
      .filter(({ file }) => file.startsWith(`sim/${folder}/`))
      .flatMap((entry) => importsOf(entry).map((to) => ({ from: entry.file, to })))
      .filter(({ to }) => to.startsWith('sim/') && !allowed.includes(to.split('/')[1]!));
    expect(wrong).toEqual([]);
  });

  it('there is no import cycle, including types', () => {
    const imports = new Map(files.map((entry) => [entry.file, importsOf(entry)]));
    expect(circlesIn(imports)).toEqual([]);
  });

  it('finds an import cycle', () => {
    const imports = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['d2'], d2: [], e: ['f'], f: ['e'] };
    expect(circlesIn(new Map(Object.entries(imports)))).toEqual([
      ['a', 'b', 'c'],
      ['e', 'f'],
    ]);
  });

  it('every folder is listed', () => {
    const folders = new Set(
      files.filter(({ file }) => file.includes('/')).map(({ file }) => file.split('/')[0]!),
    );
    expect([...folders].filter((folder) => !Object.hasOwn(ARROWS, folder))).toEqual([]);
  });

  it('only node/, real/, lockstep/, storm/, mutation/, project/, vitest/ and cli/ touch the real machine', () => {
    const wrong = files
      .filter(({ file }) => !REAL.has(file.split('/')[0]!) && !MAY_IMPORT.has(file))
      .flatMap(({ file, text }) =>
        AMBIENT.filter((pattern) => pattern.test(codeOf(text))).map((pattern) => ({ file, pattern })),
      );
    expect(wrong).toEqual([]);
  });
});
