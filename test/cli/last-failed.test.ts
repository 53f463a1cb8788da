// Which scenarios --last-failed checks after files and ids have changed. The checks themselves are in last-failed.slow.test.ts.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/cli/config.ts';
import { LastFailed } from '../../src/cli/last-failed.ts';
import { type SelectOptions, selectScenarios, type Unusable } from '../../src/cli/scenarios.ts';
import { lastFailed } from '../../src/project/last-run.ts';
import type { CheckedScenario } from '../../src/report/index.ts';
import { exporting, inFolder } from './folder.ts';

const FILES = {
  'races/a.mjs': exporting('mine/a/one', 'mine/a/two'),
  'other/b.mjs': exporting('mine/b/one'),
};

interface Checked extends SelectOptions {
  readonly only?: true;
  /** The ids of those that fail. Default: none. */
  readonly fails?: readonly string[];
}

/** A check of these words: what was checked, and what was said. */
async function check(words: readonly string[], { only, fails = [], ...options }: Checked = {}) {
  const notes: string[] = [];
  const unusable: Unusable[] = [];
  const failed = new LastFailed((text) => notes.push(text));
  const config = await readConfig(process.cwd());
  const selection = { ...options, unusable };
  const targets = await (only
    ? failed.select(words, config, selection)
    : selectScenarios(words, config, selection));
  const ids = targets.map(({ scenario }) => scenario.id);
  const reports = ids.map((id) => ({ id, ok: !fails.includes(id) }) as CheckedScenario);
  await failed.remember(reports, targets, unusable);
  return { ids, notes, broken: unusable.length };
}

test('one entry, however the scenario is selected', async () => {
  const folder = inFolder(FILES);
  const fails = ['mine/a/one'];
  for (const words of [[], ['mine/a/*'], ['races/a.mjs'], ['./races/a.mjs#mine/a/one'], ['races']]) {
    await check(words, { fails });
    expect(lastFailed(folder)).toEqual(['races/a.mjs#mine/a/one']);
    for (const again of [[], ['races/a.mjs'], ['mine/a/one'], ['races/../races/a.mjs']])
      expect((await check(again, { only: true, fails })).ids, again.join()).toEqual(fails);
    await check(words);
    expect(lastFailed(folder)).toEqual([]);
  }
});

test('one of a file that is not of the project, one that is built in, and those that --grep leaves', async () => {
  const folder = inFolder(FILES);
  await check(['other/b.mjs'], { fails: ['mine/b/one'] });
  await check(['model/naive/cold-start', 'mine/a/two'], { fails: ['model/naive/cold-start', 'mine/a/two'] });
  const fails = ['mine/a/two', 'mine/b/one', 'model/naive/cold-start'];
  expect((await check([], { only: true, fails })).ids).toEqual(fails);
  expect((await check([], { only: true, fails, grep: /^mine.b/ })).ids).toEqual(['mine/b/one']);
  expect((await check([], { only: true, fails, builtin: true })).ids).toEqual(['model/naive/cold-start']);
  await expect(check(['mine/a/one'], { only: true })).rejects.toThrow(
    /^none of the selected scenarios has failed; those that have: .*other\/b\.mjs#mine\/b\/one/,
  );
  expect(lastFailed(folder)).toHaveLength(3);
});

test('a scenario or a file that is not there any more is dropped, and said', async () => {
  const folder = inFolder(FILES);
  await check(['races', 'other/b.mjs'], { fails: ['mine/a/one', 'mine/a/two', 'mine/b/one'] });
  rmSync(join(folder, 'other/b.mjs'));
  const gone = 'no longer there, and forgotten: other/b.mjs#mine/b/one';
  const fails = ['mine/a/one', 'mine/a/two'];
  expect(await check([], { only: true, fails })).toEqual({ ids: fails, notes: [gone], broken: 0 });
  expect(lastFailed(folder)).toEqual(['races/a.mjs#mine/a/one', 'races/a.mjs#mine/a/two']);
  rmSync(join(folder, 'races/a.mjs'));
  writeFileSync(join(folder, 'races/c.mjs'), exporting('mine/c/one'));
  expect(await check([], { only: true })).toMatchObject({
    ids: ['mine/c/one'],
    notes: [
      expect.stringMatching(/^no longer there, and forgotten: races\/a\.mjs#mine\/a\/one, /),
      'none of the failed scenarios exists any more: all are checked',
    ],
  });
  expect(lastFailed(folder)).toEqual([]);
});

test('a full check clears those of a file that was removed', async () => {
  const folder = inFolder(FILES);
  await check(['other/b.mjs'], { fails: ['mine/b/one'] });
  rmSync(join(folder, 'other/b.mjs'));
  await check([]);
  expect(lastFailed(folder)).toEqual([]);
});

test('a check of its file clears an id that was renamed', async () => {
  const folder = inFolder(FILES);
  await check([], { fails: ['mine/a/one'] });
  // A new process would load the file again; here its other name stands for the id before.
  const file = join(folder, '.one-survivor/cache/last-run.json');
  writeFileSync(file, '{ "version": 2, "failed": ["races/a.mjs#mine/a/old", "model/naive/old"] }');
  await check(['races/a.mjs']);
  expect(lastFailed(folder)).toEqual(['model/naive/old']);
  expect((await check([], { only: true })).notes).toContain(
    'none of the failed scenarios exists any more: all are checked',
  );
  expect(lastFailed(folder)).toEqual([]);
});

test('a file that could not be loaded is checked until it can be', async () => {
  const folder = inFolder({ ...FILES, 'races/broken.mjs': 'throw new Error("not today");' });
  await check([]);
  expect(lastFailed(folder)).toEqual(['races/broken.mjs']);
  expect(await check([], { only: true })).toMatchObject({ ids: [], broken: 1 });
  const file = join(folder, '.one-survivor/cache/last-run.json');
  writeFileSync(file, '{ "version": 2, "failed": ["races/a.mjs"] }');
  expect((await check(['races/a.mjs'], { only: true })).ids).toEqual(['mine/a/one', 'mine/a/two']);
  expect(lastFailed(folder)).toEqual([]);
});

test('two failed scenarios with one id: the other one is named', async () => {
  const folder = inFolder({ 'races/a.mjs': exporting('mine/a/one'), 'copy/a.mjs': exporting('mine/a/one') });
  await check([], { fails: ['mine/a/one'] });
  await check(['copy/a.mjs'], { fails: ['mine/a/one'] });
  expect(await check([], { only: true })).toMatchObject({
    ids: ['mine/a/one'],
    notes: ['copy/a.mjs#mine/a/one is not checked now: races/a.mjs#mine/a/one has the same id'],
  });
  expect(lastFailed(folder)).toEqual(['copy/a.mjs#mine/a/one']);
});
