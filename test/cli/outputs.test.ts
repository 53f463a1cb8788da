import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type OutputOptions, outputsOf } from '../../src/cli/outputs.ts';
import { parseReporter } from '../../src/cli/parse.ts';
import { wantsColors } from '../../src/cli/terminal.ts';
import { inFolder } from './folder.ts';

function outputs(words: string[], rest: Partial<OutputOptions> = {}, inGithub = false) {
  const reporters = words.reduce(
    (before, word) => parseReporter(word, before),
    parseReporter('default').slice(1),
  );
  const { names, stdout, files } = outputsOf(
    { reporters, json: false, outputFile: undefined, shard: null, ...rest },
    inGithub,
  );
  return { names: [...names], stdout, files: files.map(({ document, path }) => `${document}=${path}`) };
}

describe('where reports go', () => {
  test.each([
    [[], {}, ['default'], null, []],
    [[], { json: true }, [], 'json', []],
    [['junit'], {}, ['junit'], 'junit', []],
    [['junit'], { outputFile: 'a.xml' }, ['junit'], null, ['junit=a.xml']],
    [['junit=a.xml', 'json=b.json'], {}, ['junit', 'json'], null, ['junit=a.xml', 'json=b.json']],
    [['junit=a.xml'], { json: true }, ['junit'], 'json', ['junit=a.xml']],
    [['default', 'junit=a=b.xml'], {}, ['default', 'junit'], null, ['junit=a=b.xml']],
    [['json', 'json=b.json'], {}, ['json'], 'json', ['json=b.json']],
    [
      ['json=b.json', 'junit'],
      { outputFile: 'a.xml' },
      ['json', 'junit'],
      null,
      ['json=b.json', 'junit=a.xml'],
    ],
    [[], { json: true, outputFile: 'b.json' }, [], null, ['json=b.json']],
    [['blob'], { shard: { index: 2, of: 3 } }, ['blob'], null, ['blob=.one-survivor/reports/shard-2-3.json']],
    [['blob=x.json'], {}, ['blob'], null, ['blob=x.json']],
    [['html'], {}, ['html'], null, ['html=.one-survivor/reports/report.html']],
    [['default', 'html=a.html'], {}, ['default', 'html'], null, ['html=a.html']],
  ] as const)('%j %j', (words, rest, names, stdout, files) => {
    expect(outputs([...words], rest)).toEqual({ names, stdout, files });
  });

  test('github joins by itself on GitHub Actions, but not next to a blob', () => {
    expect(outputs([], {}, true).names).toEqual(['github', 'default']);
    expect(outputs(['blob'], {}, true).names).toEqual(['blob']);
  });

  test.each([
    [
      ['json', 'junit'],
      {},
      'stdout takes one report; got json and junit. Send the others to files, such as --reporter json=FILE',
    ],
    [['json=a', 'junit=a'], {}, 'json and junit would both be written to a'],
    [
      ['json=a'],
      { outputFile: 'b' },
      '--output-file takes one report; got none. For several files, use --reporter NAME=FILE',
    ],
    [['json', 'junit'], { outputFile: 'b' }, '--output-file takes one report; got json and junit'],
  ] as const)('%j %j is refused', (words, rest, message) => {
    expect(() => outputs([...words], rest)).toThrow(message);
  });

  test.each([
    ['./same.xml', 'a/../same.xml'],
    ['same.xml', 'link.xml'],
    ['folder/new.xml', 'linked/new.xml'],
    ['new.xml', 'dangling.xml'],
    ['folder/deep/new.xml', 'linked/deep/./new.xml'],
  ])('%s and %s are one file', (one, other) => {
    const folder = inFolder({ 'same.xml': '', 'folder/kept': '' });
    symlinkSync('same.xml', join(folder, 'link.xml'));
    symlinkSync('folder', join(folder, 'linked'));
    symlinkSync('new.xml', join(folder, 'dangling.xml'));
    symlinkSync('loop', join(folder, 'loop'));
    // Relative to the folder of the process itself, which the test does not change.
    const [a, b] = [one, other].map((path) => `${folder}/${path}`);
    expect(() => outputs([`json=${a}`, `junit=${b}`])).toThrow(
      `json and junit would both be written to ${b}; give each its own file`,
    );
    expect(outputs([`json=${a}`, `junit=${folder}/loop`]).files).toHaveLength(2);
  });

  test.each([
    [
      'github=x',
      '--reporter got "github=x"; accepted: a file for one of json, junit, sarif, ctrf, html, blob, such as junit=out.xml',
    ],
    ['junit=', '--reporter got "junit="; accepted: a file for'],
    ['sariff', '--reporter got "sariff"'],
  ])('--reporter %s is refused', (word, message) => {
    expect(() => outputs([word])).toThrow(message);
  });
});

test.each([
  [true, {}, [], true],
  [false, {}, [], false],
  [true, { NO_COLOR: '1' }, [], false],
  [true, { NO_COLOR: '' }, [], true],
  [false, { FORCE_COLOR: '1' }, [], true],
  [true, { FORCE_COLOR: '0' }, [], false],
  [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, [], false],
  [true, { FORCE_COLOR: '1' }, ['--no-color'], false],
  [true, {}, ['--', '--no-color'], true],
])('colors: %j %j %j is %j', (otherwise, env, argv, colors) => {
  expect(wantsColors(otherwise, env, argv)).toBe(colors);
});
