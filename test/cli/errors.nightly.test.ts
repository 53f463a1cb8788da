import { describe, expect, test } from 'vitest';
import { emptySchedule } from '../../src/run/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { complaint, project } from './run.ts';

describe('scenario files', () => {
  test.each([
    ['throws.mjs', 'throws.mjs cannot be loaded: no daemon here \\x1b[31m\\u202e'],
    ['throws.mjs', ' (throws.mjs:'],
    ['exports-nothing.mjs', 'exports-nothing.mjs exports no scenario; got nothing'],
    ['wrong-shape.mjs', 'got answer (42), described (a description: give it to scenario())'],
    [
      'bad-scenario.mjs',
      'scenario "fixture/wrong/bad": start[0].count: got 0, expected a whole number from 1 to 64, such as count: 3',
    ],
  ])('%s', async (file, text) => {
    expect(await complaint(['check', file, '--workers', '1'])).toContain(text);
  });
});

describe('one scenario of a file', () => {
  const ALL = ['first', 'second', 'third'].map((name) => `several.mjs#fixture/several/${name}`).join(', ');

  test.each([
    ['several.mjs', `"several.mjs" names 3 scenarios; accepted: one of ${ALL}`],
    [
      'several.mjs#fixture/several/sceond',
      /several\.mjs exports no scenario "fixture\/several\/sceond"; did you mean several\.mjs#fixture\/several\/second.*\? Accepted: several\.mjs#fixture\/several\/first, /,
    ],
    ['several.mjs#', `several.mjs exports no scenario ""; accepted: ${ALL}`],
    ['gone.mjs#a/b/c', /there is no file \S+gone\.mjs$/],
    ['model/naive/*', /names \d+ scenarios; accepted: one of model\/naive\/cold-start, /],
  ])('explore %s', async (word, text) => {
    expect(await complaint(['explore', word])).toMatch(text);
  });

  test('check', async () => {
    expect(await complaint(['check', 'passes.mjs', 'several.mjs#nope'])).toContain(
      `several.mjs exports no scenario "nope"; accepted: ${ALL}`,
    );
  });
});

test('a mistake in the syntax of a file: in which line', async () => {
  const cwd = project({ 'typo.mjs': 'const a = 1;\n\nexport default a +;\n' });
  expect(await complaint(['check', 'typo.mjs'], cwd)).toMatch(/Unexpected token ';' \(.*\/typo\.mjs:3\)/);
});

describe('configs', () => {
  test.each([
    ['export const x = 1;', 'has no default export; expected: export default { scenarios: [...] }'],
    ['export default { scenario: [] };', '"scenario" is not known; did you mean scenarios?'],
    ['export default { scenarios: [42] };', 'expected the path of a file, or what scenario({…}) returns'],
    [
      'export default { budget: "soon" };',
      'budget: got "soon", expected a time above zero, such as budget: \'30s\'',
    ],
    ['export default { scenarios: ["gone.mjs"] };', 'there is no file '],
    ['throw new Error("not today");', 'one-survivor.config.mjs cannot be loaded: not today'],
  ])('%s', async (text, message) => {
    expect(await complaint(['check'], project({ 'one-survivor.config.mjs': text }))).toContain(message);
  });

  test('two of them', async () => {
    const cwd = project({ 'one-survivor.config.mjs': '', 'one-survivor.config.js': '' });
    expect(await complaint(['check'], cwd)).toContain('got 2 config files');
  });

  test('two scenarios of one id', async () => {
    const cwd = project({
      'copy.mjs': `export * from './several.mjs'; import passes from './passes.mjs'; export { passes };`,
    });
    expect(await complaint(['check', 'copy.mjs', 'passes.mjs'], cwd)).toContain(
      'two scenarios have the id fixture/sound/passes',
    );
  });
});

describe('tokens', () => {
  const good = encodeToken({ id: 'fixture/sound/passes', hash: '00000000' }, emptySchedule());

  test.each([
    ['os9:a/b/c:00:A:00', 'is a token of format os9; this version reads os1 and os2'],
    ['nonsense', 'is not a token: a token looks like os1:SCENARIO:HASH:CHOICES:CHECK'],
    [good.slice(0, -1), 'is damaged: its checksum does not match'],
    [good.replace('passes', 'passed'), 'is damaged: its checksum does not match'],
    [
      good,
      'the token is of the scenario "fixture/sound/passes", which is not among those known here. Name the file that exports it with --from FILE',
    ],
    [`os1:\u001b[2J${good}`, 'is damaged'],
  ])('%s', async (token, text) => {
    expect(await complaint(['replay', token])).toContain(text);
  });

  test('of a scenario that the file does not export', async () => {
    expect(await complaint(['replay', good, '--from', 'several.mjs'])).toMatch(
      /not among those known here\. several\.mjs exports fixture\//,
    );
  });

  test('of another definition', async () => {
    expect(await complaint(['replay', good, '--from', 'passes.mjs'])).toMatch(
      /is of another definition of fixture\/sound\/passes \(00000000; here it is [0-9a-f]{8}\)/,
    );
  });

  test('--from with something that is not a scenario file', async () => {
    expect(await complaint(['replay', good, '--from', 'README.md'], project({ 'README.md': '' }))).toContain(
      'README.md exists, but is not a .js, .mjs, .cjs, .ts or .mts file',
    );
  });
});

describe('merge-reports', () => {
  test('a folder that is not there, or has no report', async () => {
    expect(await complaint(['merge-reports', 'nowhere'])).toContain('nowhere cannot be read');
    expect(await complaint(['merge-reports', 'node_modules'])).toContain(
      'there is no .json file in node_modules',
    );
  });

  test('a file that is not a report', async () => {
    expect(await complaint(['merge-reports', 'reports'], project({ 'reports/a.json': '{"a":1}' }))).toContain(
      'reports/a.json is not a report written by --reporter blob',
    );
  });
});
