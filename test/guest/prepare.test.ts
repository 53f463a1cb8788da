/** The files of a program are compiled before its first run. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { nodeProgram } from '../../src/guest/index.ts';
import { prepareLexer } from '../../src/guest/modules/export-names.ts';
import { prepareFiles } from '../../src/guest/modules/prepare.ts';
import { isSource } from '../../src/guest/modules/source.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'prepare-')));
afterAll(() => rmSync(folder, { recursive: true }));

function files(texts: Readonly<Record<string, string>>): (name: string) => string {
  for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(folder, name), text);
  return (name) => path.join(folder, name);
}

it('finds what is imported, required, imported later, or started as a file', () => {
  prepareLexer();
  const at = files({
    'main.mjs': `import './imported.mjs';\nconst later = () => import('./later.mjs');\nexport const child = new URL('./child.mjs', import.meta.url);\nimport required from './required.cjs';`,
    'imported.mjs': '',
    'later.mjs': '',
    'child.mjs': `import './of-child.mjs';`,
    'of-child.mjs': '',
    'required.cjs': `require('./deep.cjs'); require('./missing.cjs');`,
    'deep.cjs': '',
    'unrelated.mjs': '',
  });
  prepareFiles(at('main.mjs'));
  const names = [
    'main.mjs',
    'imported.mjs',
    'later.mjs',
    'child.mjs',
    'of-child.mjs',
    'required.cjs',
    'deep.cjs',
  ];
  expect(names.filter((name) => !isSource(at(name)))).toEqual([]);
  expect(isSource(at('unrelated.mjs'))).toBe(false);
});

it('leaves what is beyond the limit until it is loaded', () => {
  prepareLexer();
  const at = files({
    'first.cjs': `require('./second.cjs'); require('./third.cjs');`,
    'second.cjs': '',
    'third.cjs': '',
  });
  prepareFiles(at('first.cjs'), 2);
  expect(['second.cjs', 'third.cjs'].map((name) => isSource(at(name)))).toEqual([true, false]);
});

it('compiles also what the program does not reach in its first step', async () => {
  const at = files({
    'rarely.cjs': `if (process.env.NEVER) require('./heavy.cjs');`,
    'heavy.cjs': 'exports.heavy = true;',
  });
  const program = nodeProgram(at('rarely.cjs'));
  expect(isSource(at('heavy.cjs'))).toBe(false);
  const { failure } = await runOnce(scenarioOf({ program }));
  expect(failure).toBeNull();
  expect(isSource(at('heavy.cjs'))).toBe(true);
});

it('leaves it to the program to fail by a file that cannot be compiled', async () => {
  const at = files({
    'fails.cjs': `try { require('./broken.cjs'); } catch (error) { process.exitCode = 3; }`,
    'broken.cjs': 'const = ;',
  });
  const { run } = await runOnce(scenarioOf({ program: nodeProgram(at('fails.cjs')) }));
  expect(run.world.processes[0]!.exitCode).toBe(3);
});
