import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/cli/config.ts';
import { namedScenarios, type SelectOptions, selectScenarios, wordOf } from '../../src/cli/scenarios.ts';
import { exporting, inFolder } from './folder.ts';

const RACES = {
  'races/lock.mjs': exporting('mine/lock/starts', 'mine/lock/crash'),
  'races/deep/port.mjs': exporting('mine/port/bind'),
  'races/helper.mjs': 'export const three = 3;',
  'races/lock.test.mjs': 'throw new Error("a test needs its runner");',
  'races/README.md': '# races',
  'races/node_modules/x/x.mjs': 'throw new Error("a package");',
};
const ALL = ['mine/port/bind', 'mine/lock/starts', 'mine/lock/crash'];

async function select(words: string[], options: SelectOptions = {}, file?: string): Promise<string[]> {
  const targets = await selectScenarios(words, await readConfig(process.cwd(), { file }), options);
  return targets.map(wordOf);
}

describe('without a config', () => {
  test('the scenarios of races/** are used, and it is said', async () => {
    inFolder(RACES);
    const notes: string[] = [];
    expect(await select([], { onNote: (note) => notes.push(note) })).toEqual(ALL);
    expect(notes).toEqual(['there is no config here: those of races/** are used (3 files)']);
  });

  test('a file that cannot be loaded is collected; the others are used', async () => {
    inFolder({ ...RACES, 'races/broken.mjs': 'throw new Error("not today");' });
    const unusable: NonNullable<SelectOptions['unusable']> = [];
    expect(await select([], { unusable })).toEqual(ALL);
    expect(unusable).toMatchObject([{ file: 'races/broken.mjs' }]);
    await expect(select([])).rejects.toThrow('broken.mjs cannot be loaded: not today');
  });

  test('no file either: what to do', async () => {
    inFolder({ 'races/helper.md': '' });
    await expect(select([])).rejects.toThrow(
      /^there are no scenarios here: no config, and no file in races\/\. Accepted: an id, .* or --builtin for the built-in scenarios; npx one-survivor init writes/,
    );
    expect(await select([], { allowNone: true })).toEqual([]);
  });

  test('files without a scenario only', async () => {
    inFolder({ 'races/helper.mjs': 'export const a = 1;' });
    await expect(select([])).rejects.toThrow(
      'no file that matches "races/**" exports a scenario: races/helper.mjs',
    );
  });
});

describe('the built-in scenarios', () => {
  test('by id and by glob', async () => {
    inFolder(RACES);
    expect(await select(['model/naive/cold-start'])).toEqual(['model/naive/cold-start']);
    expect(await select(['model/naive/*'])).toContain('model/naive/stale-lock');
  });

  test('all of them with --builtin, and none of the project', async () => {
    inFolder(RACES);
    const ids = await select([], { builtin: true });
    expect(ids.length).toBeGreaterThan(100);
    expect(ids.filter((id) => id.startsWith('mine/'))).toEqual([]);
    await expect(select(['mine/lock/starts'], { builtin: true })).rejects.toThrow('there is no scenario');
  });

  test('of two with the same id, the one of the project', async () => {
    inFolder({ 'races/a.mjs': exporting('model/naive/cold-start') });
    const [target] = await selectScenarios(['model/naive/cold-start'], null);
    expect(target?.url).toMatch(/races\/a\.mjs$/);
    const named = await namedScenarios(null);
    expect(named.filter(({ scenario }) => scenario.id === 'model/naive/cold-start')).toHaveLength(1);
  });

  test('a glob that matches some of the project selects only these', async () => {
    inFolder(RACES);
    expect(await select(['*/lock/*'])).toEqual(['mine/lock/starts', 'mine/lock/crash']);
  });
});

describe('--grep', () => {
  test.each([
    [/starts|bind/i, ['mine/port/bind', 'mine/lock/starts']],
    [/^mine\/lock/i, ['mine/lock/starts', 'mine/lock/crash']],
  ])('%s', async (grep, ids) => {
    inFolder(RACES);
    expect(await select([], { grep })).toEqual(ids);
  });

  test('of words', async () => {
    inFolder(RACES);
    expect(await select(['races/lock.mjs'], { grep: /crash/ })).toEqual(['races/lock.mjs#mine/lock/crash']);
  });

  test('without a match: what there is', async () => {
    inFolder(RACES);
    await expect(select([], { grep: /mine.lock.strats/ })).rejects.toThrow(
      /--grep got "mine\.lock\.strats", which matches none of the ids; did you mean mine\/lock\/starts\? The ids are /,
    );
  });
});

describe('the scenarios of a config', () => {
  test.each([
    ['a path', ['./races/lock.mjs'], ['mine/lock/starts', 'mine/lock/crash']],
    ['FILE#ID', ['races/lock.mjs#mine/lock/crash'], ['mine/lock/crash']],
    ['a glob', ['races/**/*.mjs'], ALL],
    ['a glob of files with a glob of ids', ['races/*.mjs#mine/lock/c*'], ['mine/lock/crash']],
    ['the same twice', ['races/lock.mjs', 'races/*.mjs'], ['mine/lock/starts', 'mine/lock/crash']],
    ['none', [], ALL],
  ])('%s', async (_, scenarios, ids) => {
    inFolder({ ...RACES, 'one-survivor.config.mjs': `export default ${JSON.stringify({ scenarios })};` });
    expect(await select([])).toEqual(ids);
  });

  test.each([
    ['races/lokc.mjs', /^there is no file .*races\/lokc\.mjs$/],
    ['other/*.mjs', /^no file matches "other\/\*\.mjs" in /],
    ['races/lock.mjs#mine/lock/strats', /did you mean races\/lock\.mjs#mine\/lock\/starts\?/],
    ['mine/lock/starts', /^"mine\/lock\/starts" is not a scenario file; accepted: a \.js, /],
  ])('%s is refused', async (entry, message) => {
    inFolder({ ...RACES, 'one-survivor.config.mjs': `export default { scenarios: ['${entry}'] };` });
    await expect(select([])).rejects.toThrow(message);
  });

  test('with --config: replay needs the file', async () => {
    inFolder({ ...RACES, 'ci/races.json': '{ "$schema": "x", "scenarios": ["../races/lock.mjs"] }' });
    expect(await select([], {}, 'ci/races.json')).toEqual([
      'races/lock.mjs#mine/lock/starts',
      'races/lock.mjs#mine/lock/crash',
    ]);
  });
});

test('FILE, FILE#ID, globs of files and folders as arguments', async () => {
  inFolder(RACES);
  expect(await select(['races/lock.mjs#*/crash'])).toEqual(['races/lock.mjs#mine/lock/crash']);
  const files = ['races/deep/port.mjs#mine/port/bind'];
  for (const word of ['races/deep/*.mjs', 'races/deep/**', 'races/deep', './races/deep/'])
    expect(await select([word]), word).toEqual(files);
  await expect(select(['races/none/**'])).rejects.toThrow('there is no scenario "races/none/**"');
});

test('files of CommonJS, in a folder, by name, and as a config', async () => {
  const inCommonJs = (id: string, of: string) => exporting(id).replace('export const s0 =', of);
  inFolder({
    'races/made.mjs': exporting('mine/made/one'),
    'races/named.cjs': inCommonJs('mine/cjs/named', 'exports.named ='),
    'races/object.cjs': `${inCommonJs('mine/cjs/object', 'const it =')} module.exports = { ['a']: it };`,
  });
  expect(await select([])).toEqual(['mine/made/one', 'mine/cjs/named', 'mine/cjs/object']);
  expect(await select(['races/object.cjs'])).toEqual(['races/object.cjs#mine/cjs/object']);
  inFolder({ 'one-survivor.config.cjs': "module.exports = { scenarios: ['races/named.cjs'] };" });
  expect((await readConfig(process.cwd()))?.scenarios).toEqual(['races/named.cjs']);
});

test.each(['notes.txt', 'notes.txt#mine/a/b', 'deep/lock.py'])(
  '%s exists, with another ending',
  async (word) => {
    inFolder({ 'notes.txt': '', 'deep/lock.py': '', 'races/lock.mjs': exporting('mine/lock/starts') });
    await expect(select([word])).rejects.toThrow(
      /^(?:notes\.txt|deep\/lock\.py) exists, but is not a \.js, \.mjs, \.cjs, \.ts or \.mts file/,
    );
  },
);

test('two scenarios with the same id: both paths', async () => {
  const folder = inFolder({ 'races/a b.mjs': exporting('mine/a/b'), 'races/c.mjs': exporting('mine/a/b') });
  await expect(select(['races/*.mjs'])).rejects.toThrow(
    `two scenarios have the id mine/a/b: one in ${folder}/races/a b.mjs, one in ${folder}/races/c.mjs; change`,
  );
});
