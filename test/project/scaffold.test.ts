import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/wasm-typescript';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scaffold } from '../../src/project/scaffold.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'one-survivor-scaffold-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();

describe('the language is that of the project', () => {
  test.each([
    ['an empty folder', {}, 'mjs'],
    ['ES modules', { 'package.json': '{ "type": "module" }' }, 'mjs'],
    ['CommonJS', { 'package.json': '{}' }, 'mjs'],
    ['a tsconfig.json, no package.json', { 'tsconfig.json': '{}' }, 'ts'],
    ['a tsconfig.json, ES modules', { 'tsconfig.json': '{}', 'package.json': '{ "type": "module" }' }, 'ts'],
    [
      'TypeScript among the dependencies',
      { 'package.json': '{ "devDependencies": { "typescript": "5" } }' },
      'mts',
    ],
  ])('%s', (_, files, end) => {
    const path = folder(files);
    const { language } = scaffold(path);
    expect(language).toBe(end);
    expect(filesIn(path)).toEqual(
      [
        '.github/workflows/one-survivor.yml',
        '.one-survivor/.gitignore',
        '.vscode/launch.json',
        `one-survivor.config.${end}`,
        'package.json',
        `races/lock.${end}`,
        `races/lock.test.${end}`,
        ...Object.keys(files).filter((name) => name !== 'package.json'),
      ].sort(),
    );
    const test = readFileSync(join(path, `races/lock.test.${end}`), 'utf8');
    expect(test).toContain(`from: './lock.${end}'`);
    expect(test).toContain(`import lock from './lock.${{ mjs: 'mjs', ts: 'js', mts: 'mjs' }[end]}'`);
    expect(readFileSync(join(path, `one-survivor.config.${end}`), 'utf8')).toContain("'./races/**'");
  });
});

test('the examples in JavaScript and TypeScript are the same', () => {
  for (const [js, ts] of [
    ['own-lock/lock.mjs', 'own-lock-typescript/lock.ts'],
    ['own-lock/lock.test.mjs', 'own-lock-typescript/lock.test.ts'],
    ['own-lock/one-survivor.config.mjs', 'own-lock-typescript/one-survivor.config.ts'],
  ] as const) {
    const { code } = transformSync(readFileSync(join(EXAMPLES, ts), 'utf8'), { mode: 'strip-only' });
    expect(plain(code)).toBe(plain(readFileSync(join(EXAMPLES, js), 'utf8')));
  }
});

/** Without comments, spaces, and the extensions of our files. */
function plain(code: string): string {
  return code
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/(['*/]\w*)\.(?:mjs|js|ts)'/g, "$1'")
    .replace(/\s+|,(?=\s*[})])/g, '');
}

describe('the script that runs the test', () => {
  test.each([
    ['{\n\t"name": "x"\n}\n', '{\n\t"name": "x",\n\t"scripts": {\n\t\t"test": "vitest run"\n\t}\n}\n'],
    [
      '{\r\n    "scripts": {\r\n        "test": "jest"\r\n    }\r\n}',
      '{\r\n    "scripts": {\r\n        "test": "jest",\r\n        "test:races": "vitest run races"\r\n    }\r\n}',
    ],
    ['\ufeff{}', '\ufeff{\n  "scripts": {\n    "test": "vitest run"\n  }\n}'],
  ])('is added, and the rest stays: %j', (before, after) => {
    const path = folder({ 'package.json': before });
    const { files } = scaffold(path, { dryRun: true });
    expect(files.at(-1)).toMatchObject({ path: 'package.json', written: false, changed: true });
    expect(readFileSync(join(path, 'package.json'), 'utf8')).toBe(before);
    scaffold(path);
    expect(readFileSync(join(path, 'package.json'), 'utf8')).toBe(after);
    // The second time there is nothing to add.
    scaffold(path);
    expect(readFileSync(join(path, 'package.json'), 'utf8')).toBe(after);
  });

  test.each(['{ "scripts": { "test": "vitest" } }', '{ "scripts": { "test": "jest", "test:races": "x" } }'])(
    'is not added to %s',
    (text) => {
      const path = folder({ 'package.json': text });
      expect(scaffold(path).files.at(-1)).toMatchObject({
        written: false,
        about: 'has a script that runs the test',
      });
      expect(readFileSync(join(path, 'package.json'), 'utf8')).toBe(text);
    },
  );
});

test('nothing is overwritten, also in another language', () => {
  const mine = {
    'tsconfig.json': '{}',
    'races/lock.mjs': 'export default 1;\n',
    'one-survivor.config.js': 'export default {};\n',
    '.github/workflows/one-survivor.yml': 'on: push\n',
    '.vscode/launch.json': '{ "configurations": [] } // mine\n',
  };
  const path = folder(mine);
  const { files } = scaffold(path);
  expect(files.filter(({ written }) => written).map((file) => file.path)).toEqual([
    'races/lock.test.mjs',
    '.one-survivor/.gitignore',
    'package.json',
  ]);
  expect(files.map(({ instead }) => instead).filter(Boolean)).toEqual(['one-survivor.config.js']);
  for (const [name, text] of Object.entries(mine)) expect(readFileSync(join(path, name), 'utf8')).toBe(text);
  expect(existsSync(join(path, 'races/lock.ts'))).toBe(false);
});

test('the launch configuration of VS Code starts the command, and stops in a step', () => {
  const path = folder({});
  scaffold(path);
  const text = readFileSync(join(path, '.vscode/launch.json'), 'utf8');
  const { configurations, inputs } = JSON.parse(text);
  // For those who have one already.
  expect(readFileSync(join(import.meta.dirname, '../../docs/debug.md'), 'utf8')).toContain(text);
  expect(configurations).toHaveLength(1);
  const [{ program, args, skipFiles }] = configurations;
  expect(program).toBe('${workspaceFolder}/node_modules/one-survivor/dist/cli/main.js');
  expect(args).toEqual(['replay', '${input:oneSurvivorToken}', '--break-at', '${input:oneSurvivorStep}']);
  // A debugger does not stop where it skips: not in our modules either.
  expect(skipFiles).toEqual(['<node_internals>/**']);
  expect(inputs.map(({ id }: { id: string }) => id)).toEqual(['oneSurvivorToken', 'oneSurvivorStep']);
});

describe('the job in CI', () => {
  const JOB = '.github/workflows/one-survivor.yml';
  const jobIn = (path: string): string => readFileSync(join(path, JOB), 'utf8');

  test('uses npm ci if there is a lockfile', () => {
    const locked = folder({ 'package.json': '{}', 'package-lock.json': '{}' });
    scaffold(locked);
    expect(jobIn(locked)).toContain('- run: npm ci\n');
    const unlocked = folder({ 'package.json': '{}' });
    scaffold(unlocked);
    expect(jobIn(unlocked)).toContain('- run: npm install\n');
  });

  test('is not written below the root of a repository, and it is said where it belongs', () => {
    const root = folder({ '.git/HEAD': '', 'packages/daemon/package.json': '{}' });
    const { files, notes } = scaffold(join(root, 'packages/daemon'));
    expect(files.map(({ path }) => path)).not.toContain(JOB);
    expect(existsSync(join(root, 'packages/daemon/.github'))).toBe(false);
    expect(notes).toEqual([
      expect.stringContaining(`this folder is packages/daemon of the repository ${root}, and GitHub reads`),
    ]);
    expect(scaffold(root).notes).toEqual([]);
    expect(jobIn(root)).toContain('npx one-survivor check');
  });

  test.each([
    ['file:../one-survivor', true],
    ['file:vendor/one-survivor.tgz', false],
    ['^1.0.0', false],
  ])('with the package from %s', (version, isNoted) => {
    const path = folder({ 'package.json': JSON.stringify({ devDependencies: { 'one-survivor': version } }) });
    const { notes } = scaffold(path);
    expect(notes.some((note) => note.includes('use a published version'))).toBe(isNoted);
  });
});
