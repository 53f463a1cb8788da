import { describe, expect, test } from 'vitest';
import { emptySchedule } from '../../src/run/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { project, run } from './run.ts';

/** One clear complaint: exit code 2, nothing on stdout, no stack trace. */
async function complaint(args: readonly string[], cwd = project()): Promise<string> {
  const { code, out, err } = await run(cwd, args);
  expect(code, `${out}${err}`).toBe(2);
  expect(err).not.toMatch(/^\s+at /m);
  expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  return err;
}

describe('options', () => {
  test.each([
    [['check', '--seed', 'x'], '--seed got "x"; accepted: a whole number from 0 to 4294967295'],
    [['check', '--seed', '4294967296'], '--seed got "4294967296"'],
    [['check', '--runs', '0'], '--runs got "0"; accepted: a whole number from 1'],
    [['check', '--workers', '-1'], '--workers got "-1"'],
    [['check', '--budget', '30'], '--budget got "30"; accepted: a time above zero, such as 30s, 2m or 500ms'],
    [['check', '--budget', '0s'], '--budget got "0s"'],
    [['check', '--shard', '4/3'], '--shard got "4/3"; accepted: i/n with i from 1 to n, such as 1/3'],
    [['check', '--strategy', 'luck'], '--strategy got "luck"; accepted: portfolio, random'],
    [['check', '--reporter', 'html'], '--reporter got "html"; accepted: default, json, junit, github, blob'],
    [['check', '--output-file', 'x'], '--output-file takes one report; got none'],
    [['check', '--json', '--reporter', 'junit'], 'stdout takes one report; got junit and json'],
    [['check', '--wrokers', '2'], "unknown option '--wrokers'\n(Did you mean --workers?)"],
    [['chek'], "unknown command 'chek'\n(Did you mean check?)"],
    [['check', '\u001b[31mred\u202e'], 'no scenario is called "\\u001b[31mred\\u202e"'],
    [['check', 'nope/*'], 'no scenario is called "nope/*"; accepted: a .js, .mjs or .ts file, or an id'],
    [['check', 'nope.mjs'], 'there is no file '],
    [
      ['check', 'model/naive/cold-strat'],
      'no scenario is called "model/naive/cold-strat"; did you mean model/naive/cold-start',
    ],
    [['explore', 'naive/stale-lock'], 'did you mean model/naive/stale-lock'],
    [['replay'], "missing required argument 'TOKEN'"],
  ])('%j', async (args, text) => {
    expect(await complaint(args)).toContain(text);
  });
});

describe('scenario files', () => {
  test.each([
    ['throws.mjs', 'throws.mjs cannot be loaded: no daemon here \\x1b[31m\\u202e'],
    ['throws.mjs', ' (throws.mjs:'],
    ['exports-nothing.mjs', 'exports-nothing.mjs exports no scenario; got nothing'],
    ['wrong-shape.mjs', 'got answer (a number), described (a description: give it to scenario())'],
    ['bad-scenario.mjs', 'scenario "fixture/wrong/bad": start[0].count: got 0, expected number to be >=1'],
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
      /several\.mjs exports no scenario called "fixture\/several\/sceond"; did you mean several\.mjs#fixture\/several\/second.*\? Accepted: several\.mjs#fixture\/several\/first, /,
    ],
    ['several.mjs#', `several.mjs exports no scenario called ""; accepted: ${ALL}`],
    ['gone.mjs#a/b/c', /there is no file \S+gone\.mjs$/],
    ['model/naive/*', /names \d+ scenarios; accepted: one of model\/naive\/cold-start, /],
  ])('explore %s', async (word, text) => {
    expect(await complaint(['explore', word])).toMatch(text);
  });

  test('check', async () => {
    expect(await complaint(['check', 'passes.mjs', 'several.mjs#nope'])).toContain(
      `several.mjs exports no scenario called "nope"; accepted: ${ALL}`,
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
    ['export default { scenario: [] };', 'Unrecognized key: "scenario"'],
    ['export default { scenarios: [42] };', 'expected the path of a file, or what scenario({…}) returns'],
    ['export default { budget: "soon" };', 'expected a time above zero, such as 30s, 2m or 500ms'],
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
    ['nonsense', 'is no token: a token looks like os1:SCENARIO:HASH:CHOICES:CHECK'],
    [good.slice(0, -1), 'is damaged: its check sum does not fit'],
    [good.replace('passes', 'passed'), 'is damaged: its check sum does not fit'],
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

  test('--from something that is no scenario file', async () => {
    expect(await complaint(['replay', good, '--from', 'README.md'])).toContain(
      '"README.md" is no scenario file; accepted: a .js, .mjs or .ts file',
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

  test('a file that is no report', async () => {
    expect(await complaint(['merge-reports', 'reports'], project({ 'reports/a.json': '{"a":1}' }))).toContain(
      'reports/a.json is no report that --reporter blob has written',
    );
  });
});
