// The name of a test file says when it runs: what is not run by anything would not be missed.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

interface Scripts {
  readonly test: string;
  readonly 'test:slow': string;
  readonly nightly: string;
}
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Scripts };

/** The files that a script runs, as vitest lists them; relative to the root. */
async function filesOf(script: string): Promise<string[]> {
  const [vitest, command, ...options] = script.split(' ');
  expect([vitest, command]).toEqual(['vitest', 'run']);
  const { stdout } = await execa(vitest!, ['list', '--filesOnly', '--json', ...options], {
    cwd: ROOT,
    preferLocal: true,
  });
  return (JSON.parse(stdout) as { file: string }[]).map(({ file }) => file.slice(ROOT.length + 1));
}

it('every test file belongs to exactly one tier, that of its name', async () => {
  const all = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .sort();
  const [fast, slow, nightly] = await Promise.all(
    [scripts.test, scripts['test:slow'], scripts.nightly].map(filesOf),
  );
  expect(slow!.sort()).toEqual(all.filter((file) => file.endsWith('.slow.test.ts')));
  expect(nightly!.sort()).toEqual(all.filter((file) => file.endsWith('.nightly.test.ts')));
  expect([...fast!, ...slow!, ...nightly!].sort()).toEqual(all);
});

it('CI runs the fast tier and the slow one', () => {
  const lines = readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n');
  expect(lines).toEqual(expect.arrayContaining(['npm cit', 'npm run test:slow']));
});

it('tests take fast-check with the fixed seed', () => {
  const from = /from 'fast-check'/;
  const wrong = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'fc.ts' && file !== 'tiers.test.ts')
    .filter((file) =>
      from.test(readFileSync(join(ROOT, 'test', file), 'utf8').replace(/^import type .*$/gm, '')),
    );
  expect(wrong).toEqual([]);
});
