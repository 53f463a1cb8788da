import { expect, test } from 'vitest';
import { type Json, json, project, run } from './run.ts';

const ARGS = ['--runs', '5', '--seed', '1', '--no-record'];
const AGAIN = /again: npx one-survivor replay (\S+) --from several\.mjs$/m;

const ids = (data: Json): string[] => data.scenarios.map(({ id }: Json) => id);

test('FILE#ID is one scenario of a file, for check', async () => {
  const cwd = project();
  const { code, data } = await json(cwd, ['check', 'several.mjs#fixture/several/third', ...ARGS]);
  expect(ids(data)).toEqual(['fixture/several/third']);
  expect(code).toBe(0);
  const words = ['several.mjs#fixture/several/third', './several.mjs', 'several.mjs#fixture/several/*'];
  expect(ids((await json(cwd, ['check', ...words, ...ARGS])).data).sort()).toEqual([
    'fixture/several/first',
    'fixture/several/second',
    'fixture/several/third',
  ]);
});

test.each([
  ['check', ARGS],
  ['explore', ['--budget', '20s']],
])('FILE#ID for %s, and the line that replays it', async (command, options) => {
  const cwd = project();
  const { code, out } = await run(cwd, [command, 'several.mjs#fixture/several/second', ...options]);
  expect(code, out).toBe(1);
  const token = AGAIN.exec(out)?.[1];
  expect(token, out).toMatch(/^os\d:fixture\/several\/second/);
  const again = await run(cwd, ['replay', token!, '--from', 'several.mjs']);
  expect(again).toMatchObject({ code: 1, out: expect.stringContaining('all is well') });
});

test('a file whose name contains # is found first', async () => {
  const several = (name: string): string => `
    import { always, scenario } from 'one-survivor';
    const named = (name) => scenario({
      id: 'fixture/${name}/' + name,
      programs: { idle: async () => 0 },
      start: [{ program: 'idle' }],
      invariants: [always('all is well', () => null)],
    });
    export const all = [named('a'), named('b')];`;
  const cwd = project({ 'x.mjs': several('short'), 'x.mjs#y.mjs': several('long') });
  const of = async (word: string): Promise<string[]> => ids((await json(cwd, ['check', word, ...ARGS])).data);
  expect(await of('x.mjs#y.mjs')).toEqual(['fixture/long/a', 'fixture/long/b']);
  expect(await of('x.mjs#y.mjs#fixture/long/b')).toEqual(['fixture/long/b']);
  expect(await of('x.mjs#fixture/short/b')).toEqual(['fixture/short/b']);
});

test('a file that cannot be loaded stands for itself', async () => {
  const words = ['throws.mjs#a/b/c', 'several.mjs#fixture/several/first'];
  const { code, data } = await json(project(), ['check', ...words, ...ARGS]);
  expect(ids(data)).toEqual(['fixture/several/first', 'throws.mjs']);
  expect(code).toBe(2);
});
