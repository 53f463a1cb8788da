// The built-in scenarios share no memory: `check` leaves that to this test, which loads them as if they were a user's.
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { builtPackage } from '../cli/build.ts';
import { json, project } from '../cli/run.ts';

/** What simulates and searches stays the package's own; all else is copied. */
const SHARED = ['ports', 'sim', 'check'];
/** Packages that the copied modules import, or run. */
const PACKAGES = ['zod', 'lockfile', 'proper-lockfile'];
const MODULES = resolve(import.meta.dirname, '../../node_modules');

test('built-in scenarios run the same with a fresh instance of their modules for each process', async () => {
  const dist = join(await builtPackage(), 'dist');
  const cwd = project({
    'package.json': '{ "type": "module" }',
    'all.mjs': `
      import { SCENARIOS } from './copy/systems/index.js';
      export default SCENARIOS.filter(({ expects }) => expects === 'pass');
    `,
  });
  for (const name of PACKAGES) symlinkSync(join(MODULES, name), join(cwd, 'node_modules', name), 'dir');
  const copy = join(cwd, 'copy');
  cpSync(dist, copy, { recursive: true });
  for (const folder of SHARED) {
    rmSync(join(copy, folder), { recursive: true });
    for (const file of readdirSync(join(dist, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js')) continue;
      mkdirSync(join(copy, folder, file, '..'), { recursive: true });
      const original = pathToFileURL(join(dist, folder, file)).href;
      writeFileSync(join(copy, folder, file), `export * from '${original}';\n`);
    }
  }
  const { data } = await json(cwd, ['check', 'all.mjs', '--seed', '1', '--runs', '1', '--no-record']);
  const scenarios = data.scenarios as { id: string; verdict: string; assumed?: string[] }[];
  expect(scenarios.length).toBeGreaterThan(100);
  // One run need not reach all that it should; but no two of the same schedule may differ.
  const wrong = scenarios.filter(
    ({ verdict, assumed = [] }) =>
      !['passed', 'inconclusive'].includes(verdict) ||
      assumed.some((each) => each.startsWith('programs share no memory')),
  );
  expect(wrong).toEqual([]);
});
