import { describe, expect, test } from 'vitest';
import { json, project, run, start, timeless } from './run.ts';

describe('exit codes', () => {
  test.each([
    ['0: everything is as expected', ['passes.mjs'], 0],
    ['0: an expected violation was found', ['model/naive/cold-start'], 0],
    ['1: an invariant is violated', ['violates.mjs'], 1],
    ['1: an expected violation was not found', ['never-found.mjs'], 1],
    ['3: a sometimes was never reached', ['unreached.mjs'], 3],
    [
      '3: the time was up before the runs were done',
      ['passes.mjs', '--runs', '1000000000', '--budget', '50ms'],
      3,
    ],
    ['4: a schedule replayed differently', ['nondeterministic.mjs'], 4],
  ])('%s', async (_, args, code) => {
    const ended = await run(project(), ['check', '--runs', '200', '--seed', '1', '--workers', '1', ...args]);
    expect(ended.code, ended.err).toBe(code);
    expect(ended.out).toContain('seed 1');
  });
});

describe('the report', () => {
  test('a violation: the table, the timeline, and a replay line that works', async () => {
    const cwd = project();
    const { out } = await run(cwd, ['check', 'violates.mjs', '--seed', '1']);
    expect(out).toContain('✗ fixture/broken/violates: at most one owner is violated');
    expect(out).toMatch(/▶ .*★ own/);
    const line = /^ {2}again: npx one-survivor (.*)$/m.exec(out)![1]!;
    const { code, data } = await json(cwd, line.split(' '));
    expect(code).toBe(1);
    expect(data).toMatchObject({
      verdict: 'violated',
      invariant: 'at most one owner',
      scenario: 'fixture/broken/violates',
    });
    const checked = await json(cwd, ['check', 'violates.mjs', '--seed', '1']);
    expect(checked.data.scenarios[0].violations[0]).toMatchObject({
      token: data.token,
      traceHash: data.traceHash,
    });
  });

  test('equal seeds give equal reports', async () => {
    const cwd = project();
    const args = ['check', 'violates.mjs', '--seed', '7', '--no-record'];
    const [first, second] = [await json(cwd, args), await json(cwd, args)];
    expect(timeless(second.data)).toEqual(timeless(first.data));
  });

  test('--json prints one document on stdout, regardless of output of programs', async () => {
    const { code, data } = await json(project(), ['check', 'hostile.mjs', '--seed', '5']);
    expect(code).toBe(1);
    expect(Object.keys(data)).toEqual(expect.arrayContaining(['version', 'node', 'seed', 'ok', 'scenarios']));
    expect(data).toMatchObject({ seed: 5, ok: false, node: process.version });
  });

  test('without a seed one is drawn, and it is printed', async () => {
    const { out } = await run(project(), ['check', 'passes.mjs', '--runs', '10']);
    const [first, second] = [...out.matchAll(/seed (\d+)/g)].map(([, seed]) => seed);
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });

  test('nothing hostile reaches the terminal', async () => {
    const { out } = await run(project(), ['check', 'hostile.mjs', '--no-record']);
    expect(out).toContain('\\x1b]0;owned\\x07');
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
  });

  test('the exit code is correct even if the reader stops early, as with | head', async () => {
    const ended = start(project(), ['check', 'violates.mjs', '--seed', '1']);
    ended.stdout!.destroy();
    expect((await ended).exitCode).toBe(1);
  });

  test('an invariant that throws does not hold', async () => {
    const { code, out } = await run(project(), ['check', 'invariant-throws.mjs', '--no-record']);
    expect(out).toContain('TypeError: owners is not iterable');
    expect(code).toBe(1);
  });

  test('colours only when they are wanted', async () => {
    const cwd = project();
    const args = ['check', 'passes.mjs', '--runs', '5'];
    expect((await run(cwd, args)).out).not.toContain('\u001b');
    expect((await run(cwd, args, { NO_COLOR: '', FORCE_COLOR: '1' })).out).toContain('\u001b[');
  });
});
