import { describe, expect, expectTypeOf, test } from 'vitest';
import { ignoredConfigs, readConfig } from '../../src/cli/config.ts';
import type { ReadConfig } from '../../src/cli/config-shape.ts';
import { type Config, defineConfig } from '../../src/index.ts';
import { inFolder } from './folder.ts';

const withConfig = async (text: string, name = 'one-survivor.config.mjs') =>
  readConfig(inFolder({ [name]: text }));

test('what it provides', async () => {
  const config = { scenarios: ['a.mjs'], seed: 1, runs: 2, budget: '3s', workers: 4, reporters: ['json=a'] };
  expect(await withConfig(`export default ${JSON.stringify(config)};`)).toMatchObject({
    ...config,
    named: null,
  });
  expect(await readConfig(inFolder())).toBeNull();
});

test.each([
  [
    '{ scenario: [] }',
    /\n {2}"scenario" is not known; did you mean scenarios\?\naccepted are scenarios, seed, runs, /,
  ],
  ['{ isolatoinCheck: true }', /"isolatoinCheck" is not known; did you mean isolationCheck\?/],
  [
    '{ scenarios: [42] }',
    /scenarios\.0: got 42, expected the path of a file, or what scenario\({…}\) returns/,
  ],
  ['{ seed: -1 }', /seed: got -1, expected a whole number from 0 to 4294967295, such as seed: 1/],
  ['{ runs: "10" }', /runs: got "10", expected a whole number from 1, such as runs: 5_000/],
  [
    '{ budget: "soon" }',
    /budget: got "soon", expected a time above zero, such as budget: '30s', '2m' or '500ms'/,
  ],
  ['{ strategy: "portfoilo" }', /strategy: got "portfoilo", expected .*; did you mean portfolio\?/],
  ['{ reporters: ["junti"] }', /reporters\.0: got "junti", expected default, json, .*; did you mean junit\?/],
  ['{ reporters: ["github=x"] }', /reporters\.0: got "github=x", expected /],
  ['{ seed: "x", runs: 0 }', /seed: got "x".*\n.*runs: got 0/],
  ['7', /got 7, expected an object/],
])('%s is refused', async (text, message) => {
  await expect(withConfig(`export default ${text};`)).rejects.toThrow(message);
});

test.each([
  ['not JSON', '{', 'a.json', /a\.json is not JSON: /],
  ['another kind of file', '', 'a.yaml', /--config got "a\.yaml"; accepted: a \.js, .* or a \.json file/],
])('--config with %s', async (_, text, file, message) => {
  await expect(readConfig(inFolder({ [file]: text }), { file })).rejects.toThrow(message);
});

test('JSON with a byte order mark', async () => {
  const folder = inFolder({ 'a.json': '\uFEFF{ "runs": 2 }' });
  expect(await readConfig(folder, { file: 'a.json' })).toMatchObject({ runs: 2 });
});

test('--config with a file that is not there', async () => {
  await expect(readConfig(inFolder(), { file: 'gone.mjs' })).rejects.toThrow(
    '--config got "gone.mjs": there is no file',
  );
});

describe('files with a similar name', () => {
  test.each([
    'one-survivor.config.json',
    'one-survivor.config.cts',
    'one-survivor.config',
    'one-survivor.conf.mjs',
    'one-survivor.confg.mjs',
    'one_survivor.config.ts',
    'onesurvivor.config.js',
    'one-survivor-config.mjs',
    '.one-survivorrc',
    '.one-survivorrc.json',
    'one-survivor.json',
    'one-survivor.yaml',
    'One-Survivor.config.mjs',
  ])('%s is named', (name) => {
    expect(ignoredConfigs([name], false)).toEqual([
      `${name} is not read: a config is called one-survivor.config.js, .mjs, .cjs, .ts or .mts. Rename it, or name it with --config ${name}`,
    ]);
  });

  test.each([
    'one-survivor.config.mjs',
    '.one-survivor',
    'one-survivor.mjs',
    'survivor.md',
    'config.mjs',
    'one',
  ])('%s is not', (name) => {
    expect(ignoredConfigs([name], false)).toEqual([]);
  });

  test('next to a config: only that it is not read', async () => {
    const notes: string[] = [];
    const folder = inFolder({
      'one-survivor.config.json': '{}',
      'one-survivor.config.mjs': 'export default {};',
    });
    await readConfig(folder, { onNote: (note) => notes.push(note) });
    expect(notes).toEqual([
      'one-survivor.config.json is not read: a config is called one-survivor.config.js, .mjs, .cjs, .ts or .mts',
    ]);
  });
});

test('defineConfig has the same fields as what is read', () => {
  const config: Config = { scenarios: ['races/*.mjs'], reporters: ['default', 'junit=out.xml'] };
  expect(defineConfig(config)).toBe(config);
  expectTypeOf<keyof Config>().toEqualTypeOf<keyof ReadConfig>();
  // @ts-expect-error: not a reporter
  defineConfig({ reporters: ['pdf'] });
});
