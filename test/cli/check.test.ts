import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptySchedule } from '../../src/run/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { type Json, json, onceSaid, project, run, start } from './run.ts';

const RARE = ['check', 'rare.mjs', '--runs', '2000', '--seed', '4', '--no-record'];

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

  test('the same seed gives the same report', async () => {
    const cwd = project();
    const args = ['check', 'violates.mjs', '--seed', '7', '--no-record'];
    const [first, second] = [await json(cwd, args), await json(cwd, args)];
    expect(timeless(second.data)).toEqual(timeless(first.data));
  });

  test('--json is one document on stdout, whatever programs say', async () => {
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

  test('the exit code is right even when nobody reads on, as with | head', async () => {
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

describe('what to check', () => {
  const ids = async (cwd: string, ...words: string[]): Promise<string[]> =>
    (await json(cwd, ['check', ...words, '--runs', '5', '--workers', '1', '--no-record'])).data.scenarios.map(
      ({ id }: Json) => id,
    );

  test('globs, files, and both; twice named is once checked', async () => {
    const cwd = project();
    expect(await ids(cwd, 'model/*/cold-start')).toEqual(
      expect.arrayContaining(['model/naive/cold-start', 'model/lock/cold-start']),
    );
    expect(await ids(cwd, 'passes.mjs', 'model/naive/cold-start', './passes.mjs', '*/cold-st*')).toContain(
      'fixture/sound/passes',
    );
    expect(await ids(cwd, 'several.mjs', 'several.mjs')).toHaveLength(3);
  });

  test('TypeScript, whatever the Node', async () => {
    expect(await ids(project(), 'typed.ts')).toEqual(['fixture/sound/typed']);
  });

  test('a config: its scenarios instead of the built-in ones, its settings unless said otherwise', async () => {
    const cwd = project({
      'one-survivor.config.mjs': `
        import passes from './passes.mjs';
        export default { scenarios: ['./several.mjs', passes], runs: 7, seed: 9 };`,
    });
    const { data } = await json(cwd, ['check']);
    expect(data.seed).toBe(9);
    expect(data.scenarios.map(({ id, runs }: Json) => [id, runs])).toEqual([
      ['fixture/several/first', 7],
      ['fixture/several/second', 1],
      ['fixture/several/third', 7],
      ['fixture/sound/passes', 7],
    ]);
    expect((await json(cwd, ['check', 'fixture/sound/*', '--runs', '3'])).data.scenarios).toMatchObject([
      { runs: 3 },
    ]);
  });

  test('--bail stops at the first scenario that fails, and says what is left', async () => {
    const { data } = await json(project(), ['check', 'several.mjs', '--bail', '--runs', '5']);
    expect(data.scenarios).toHaveLength(2);
    expect(data.left).toEqual(['fixture/several/third']);
  });
});

describe('how the work is shared', () => {
  test('shards together make the whole', async () => {
    const cwd = project();
    const args = ['check', 'passes.mjs', '--runs', '100', '--seed', '3'];
    const of = async (...more: string[]): Promise<Json> =>
      (await json(cwd, [...args, ...more])).data.scenarios[0];
    const whole = await of();
    const parts = [await of('--shard', '1/3'), await of('--shard', '2/3'), await of('--shard', '3/3')];
    expect(parts.map(({ runs }) => runs)).toEqual([34, 33, 33]);
    expect(parts.reduce((sum, { steps }) => sum + steps, 0)).toBe(whole.steps);
  });

  test('one thread and two find the same', async () => {
    const cwd = project();
    const one = await run(cwd, [...RARE, '--json', '--workers', '1']);
    const two = await run(cwd, [...RARE, '--json', '--workers', '2']);
    expect(one.err).not.toMatch(/thread [1-9]/);
    // On Node 20 the first thread is that of the loader's hooks.
    expect(two.err).toMatch(/loaded in thread [1-9]/);
    expect(timeless(JSON.parse(two.out))).toEqual(timeless(JSON.parse(one.out)));
    expect(JSON.parse(one.out).scenarios[0]).toMatchObject({ verdict: 'violated' });
  });

  test('many scenarios side by side: the same reports in the same order, whatever the number of threads', async () => {
    const cwd = project();
    const words = [
      'model/naive/*',
      'passes.mjs',
      'rare.mjs',
      'several.mjs',
      'unreached.mjs',
      'never-found.mjs',
    ];
    const of = async (...args: string[]): Promise<Json> =>
      timeless((await json(cwd, ['check', ...words, '--seed', '3', '--no-record', ...args])).data);
    const one = await of('--runs', '600', '--workers', '1');
    for (const workers of ['2', '3']) expect(await of('--runs', '600', '--workers', workers)).toEqual(one);
    const bailed = await of('--runs', '600', '--workers', '2', '--bail');
    expect(bailed).toEqual(await of('--runs', '600', '--workers', '1', '--bail'));
    expect(bailed.scenarios.at(-1).ok).toBe(false);
    expect(bailed.left.length).toBeGreaterThan(0);
  });

  test('what a scenario throws in another thread is told as here', async () => {
    const cwd = project();
    const of = async (workers: string): Promise<string> =>
      (
        await run(cwd, [
          'check',
          'passes.mjs',
          'throws.mjs',
          'passes.mjs',
          '--seed',
          '1',
          '--workers',
          workers,
        ])
      ).err;
    expect(await of('2')).toBe(await of('1'));
  });

  test('Ctrl-C: what is known so far, and 130', async () => {
    const ended = start(project(), ['check', 'passes.mjs', 'endless.mjs', '--budget', '10m', '--json']);
    onceSaid(ended.stderr!, /seed/, () => ended.kill('SIGINT'));
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(130);
    const report = JSON.parse(String(stdout));
    expect(report).toMatchObject({ interrupted: true, ok: false });
    expect([...report.scenarios.map(({ id }: Json) => id), ...report.left]).toEqual([
      'fixture/sound/passes',
      'fixture/sound/endless',
    ]);
  });

  test('Ctrl-C in the middle of a search in threads', async () => {
    const ended = start(project(), ['check', 'endless.mjs', '--budget', '10m', '--workers', '2']);
    // Once here, and once in the other thread.
    onceSaid(ended.stderr!, /(it has begun[\s\S]*){2}/, () => ended.kill('SIGINT'));
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(130);
    expect(stdout).toContain('? inconclusive');
    expect(stdout).toContain('interrupted: this is what is known so far');
  });
});

describe('recorded tokens', () => {
  const tokens = (cwd: string): Json =>
    JSON.parse(readFileSync(join(cwd, '.one-survivor/tokens.json'), 'utf8')).tokens;

  test('a new violation is recorded once, and replayed first by the next check', async () => {
    const cwd = project();
    const first = await json(cwd, ['check', 'violates.mjs', '--seed', '1']);
    expect(tokens(cwd)).toEqual([
      { token: first.data.scenarios[0].violations[0].token, invariant: 'at most one owner' },
    ]);
    const second = await json(cwd, ['check', 'violates.mjs', '--seed', '2']);
    expect(second.data.scenarios[0]).toMatchObject({
      verdict: 'violated',
      runs: 0,
      firstViolationAtRun: null,
    });
    expect(tokens(cwd)).toHaveLength(1);
  });

  test('an expected violation is not recorded, and --no-record records nothing', async () => {
    const cwd = project();
    await run(cwd, ['check', 'violates.mjs', '--no-record']);
    await run(cwd, ['check', 'model/naive/cold-start']);
    expect(existsSync(join(cwd, '.one-survivor'))).toBe(false);
  });

  test('one of another definition is skipped, with a note', async () => {
    const other = { id: 'fixture/sound/passes', hash: '00000000' };
    const cwd = project({
      '.one-survivor/tokens.json': JSON.stringify({
        version: 1,
        tokens: [{ token: encodeToken(other, emptySchedule()), invariant: 'x' }],
      }),
    });
    const { code, err } = await run(cwd, ['check', 'passes.mjs', '--runs', '5']);
    expect(err).toContain('1 recorded token is of another definition of fixture/sound/passes: skipped');
    expect(code).toBe(0);
  });

  test.each([
    ['{', 'JSON'],
    ['{"version":2,"tokens":[]}', 'version'],
    ['{"version":1,"tokens":[{"token":"os1:a/b/c:0:A:00000000","invariant":"x"}]}', 'check sum'],
  ])('a damaged file is an error and is left as it is: %s', async (text, why) => {
    const cwd = project({ '.one-survivor/tokens.json': text });
    const { code, err } = await run(cwd, ['check', 'violates.mjs', '--seed', '1']);
    expect(code).toBe(2);
    expect(err).toContain(why);
    expect(err).toContain('mend it, or delete it');
    expect(readFileSync(join(cwd, '.one-survivor/tokens.json'), 'utf8')).toBe(text);
  });
});

describe('reporters', () => {
  test('a file for the document, the table for people', async () => {
    const cwd = project();
    const args = [
      'check',
      'passes.mjs',
      '--runs',
      '5',
      '--reporter',
      'default',
      '--reporter',
      'junit',
      '--output-file',
      'out/r.xml',
    ];
    const { out } = await run(cwd, args);
    expect(out).toContain('✓ passed');
    expect(readFileSync(join(cwd, 'out/r.xml'), 'utf8')).toContain(
      '<testcase classname="fixture.sound" name="passes"',
    );
  });

  test('on GitHub Actions annotations and a summary join by themselves', async () => {
    const cwd = project({ 'summary.md': '# before\n' });
    const { out } = await run(cwd, ['check', 'violates.mjs', '--seed', '1'], {
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'),
    });
    expect(out).toMatch(
      /^::stop-commands::(\S+)\n[\s\S]*\n::\1::\n::error title=fixture\/broken\/violates,file=violates.mjs,line=17::/m,
    );
    expect(readFileSync(join(cwd, 'summary.md'), 'utf8')).toMatch(/^# before\n## one-survivor\n/);
  });

  test('where a summary has no room any more, that is said', async () => {
    const full = 'x'.repeat(1024 * 1024 - 20);
    const cwd = project({ 'summary.md': full });
    const { code, err } = await run(cwd, ['check', 'violates.mjs', '--seed', '1', '--reporter', 'github'], {
      GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'),
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^no room for a summary: \S+summary\.md has 1048556 bytes already$/m);
    expect(readFileSync(join(cwd, 'summary.md'), 'utf8')).toBe(full);
  });

  test('the blobs of all shards, merged', async () => {
    const cwd = project();
    const args = ['check', 'violates.mjs', 'passes.mjs', '--runs', '60', '--seed', '1', '--no-record'];
    const whole = await json(cwd, args);
    for (const shard of ['1/2', '2/2']) await run(cwd, [...args, '--shard', shard, '--reporter', 'blob']);
    const merged = await json(cwd, ['merge-reports', '.one-survivor/reports']);
    expect(merged.code).toBe(1);
    expect(merged.data.scenarios[0].firstViolationAtRun).toBe(whole.data.scenarios[0].firstViolationAtRun);
    expect(merged.data.scenarios[1]).toMatchObject({
      runs: 60,
      steps: whole.data.scenarios[1].steps,
      verdict: 'passed',
    });
    const { out } = await run(cwd, ['merge-reports', '.one-survivor/reports']);
    expect(out).toContain('broken here: at most one owner');
  });
});

/** Without what differs from run to run on any machine. */
function timeless(report: Json): Json {
  return { ...report, scenarios: report.scenarios.map(({ seconds: _, ...rest }: Json) => rest) };
}
