import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeRecordedToken } from '../../src/project/recorded-token.ts';
import { TokenStore } from '../../src/project/token-store.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { type Json, json, onceSaid, project, run, start, timeless } from './run.ts';

const RARE = ['check', 'rare.mjs', '--runs', '2000', '--seed', '6', '--no-record'];

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

  test('TypeScript, with every version of Node', async () => {
    expect(await ids(project(), 'typed.ts')).toEqual(['fixture/sound/typed']);
  });

  test('a config provides scenarios and default settings', async () => {
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

  test('--bail stops at the first scenario that fails, and lists the others', async () => {
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

  test('parallel checks give the same reports in the same order for any number of threads', async () => {
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

  test('an exception in another thread is reported as in this one', async () => {
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
    expect(stdout).toContain('interrupted: results so far');
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

  test('a full summary is reported', async () => {
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
    expect(out).toContain('violated here: at most one owner');
  });
});

describe('recorded tokens', () => {
  const tokens = (cwd: string) => new TokenStore(cwd).tokens;
  const outdated = (id: string, log: null = null) => {
    const token = encodeToken({ id, hash: '00000000' }, emptySchedule());
    return writeRecordedToken({ token, scenario: id, invariant: 'x', log, signature: null });
  };

  test('a new violation is recorded once, with its log, and replayed first by the next check', async () => {
    const cwd = project();
    const first = await json(cwd, ['check', 'violates.mjs', '--seed', '1']);
    const { token } = first.data.scenarios[0].violations[0];
    expect(tokens(cwd)).toMatchObject([{ token, invariant: 'at most one owner', log: { machine: [] } }]);
    const second = await json(cwd, ['check', 'violates.mjs', '--seed', '2', '--strict']);
    expect(second.data).toMatchObject({
      scenarios: [{ verdict: 'violated', runs: 0, firstViolationAtRun: null }],
      recorded: { outdated: 0, strict: true },
    });
    expect(tokens(cwd)).toHaveLength(1);
  });

  test('an expected violation is not recorded, and --no-record records nothing', async () => {
    const cwd = project();
    await run(cwd, ['check', 'violates.mjs', '--no-record']);
    await run(cwd, ['check', 'model/naive/cold-start']);
    expect(existsSync(join(cwd, '.one-survivor/tokens.json'))).toBe(false);
  });

  test('that are not replayed are counted, and are a failure with --strict', async () => {
    const cwd = project({
      '.one-survivor/tokens/a.json': outdated('fixture/sound/passes'),
      '.one-survivor/tokens/b.json': outdated('fixture/sound/passes').replace('"version": 2', '"version": 3'),
      '.one-survivor/tokens/c.json': '{',
      '.one-survivor/tokens/d.json': outdated('fixture/other/not-in-this-call'),
    });
    const args = ['check', 'passes.mjs', '--runs', '5'];
    const { code, err } = await run(cwd, args);
    expect(code).toBe(0);
    expect(err).toContain('1 recorded token of another definition of fixture/sound/passes: skipped');
    expect(err).toMatch(/b\.json was written by a newer version/);
    expect(err).toMatch(/c\.json cannot be read/);
    expect(err).toContain('3 recorded tokens not replayed as recorded');
    expect(err).toContain('npx one-survivor tokens update passes.mjs');
    const strict = await json(cwd, [...args, '--strict']);
    expect([strict.code, strict.data.ok, strict.data.recorded.outdated]).toEqual([1, false, 3]);
  });

  test('of the old file are moved, which is said once; --no-record leaves it', async () => {
    const token = encodeToken({ id: 'fixture/sound/passes', hash: '00000000' }, emptySchedule());
    const old = JSON.stringify({ version: 1, tokens: [{ token, invariant: 'x' }] });
    const cwd = project({ '.one-survivor/tokens.json': old });
    const args = ['check', 'passes.mjs', '--runs', '5'];
    const read = await run(cwd, [...args, '--no-record']);
    expect(read.err).toContain('1 recorded token not replayed as recorded');
    expect(readFileSync(join(cwd, '.one-survivor/tokens.json'), 'utf8')).toBe(old);
    expect((await run(cwd, args)).err).toContain('1 recorded token moved from .one-survivor/tokens.json');
    expect(existsSync(join(cwd, '.one-survivor/tokens.json'))).toBe(false);
    expect((await run(cwd, args)).err).not.toContain('moved');
    expect(tokens(cwd)).toMatchObject([{ token }]);
  });
});
