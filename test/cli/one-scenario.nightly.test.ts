import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Json, json, project, run } from './run.ts';

const ARGS = ['--runs', '50', '--seed', '1', '--no-record'];

const shortly = (data: Json): Json => data.scenarios.map(({ id, verdict }: Json) => [id, verdict]);
const timeless = (data: Json): Json => data.scenarios.map(({ seconds: _, ...rest }: Json) => rest);

describe('a scenario whose check ends with an exception', () => {
  test.each(['1', '2'])('costs the others nothing, with %s threads', async (workers) => {
    const cwd = project();
    const words = [
      'check',
      'sometimes-throws.mjs',
      'passes.mjs',
      'violates.mjs',
      ...ARGS,
      '--workers',
      workers,
    ];
    const { code, data } = await json(cwd, words);
    expect(shortly(data)).toEqual([
      ['fixture/wrong/sometimes-throws', 'inconclusive'],
      ['fixture/sound/passes', 'passed'],
      ['fixture/broken/violates', 'violated'],
    ]);
    expect(code).toBe(1);
    const file = join(cwd, 'sometimes-throws.mjs');
    const message = 'marks is not iterable, in sometimes "a mistake"';
    expect(data.scenarios[0]).toMatchObject({
      ok: false,
      error: { name: 'TypeError', message, file, line: 9 },
      reason: `the check threw TypeError: ${message} (${file}:9)`,
    });
  });

  test('is the same error in a search that many threads share', async () => {
    const cwd = project({
      'late.mjs': `
        import { scenario, sometimes } from 'one-survivor';
        let asked = 0;
        export default scenario({
          id: 'fixture/wrong/late',
          programs: { idle: async ({ clock }) => { await clock.sleep(1); } },
          start: [{ program: 'idle', count: 3 }],
          invariants: [sometimes('a mistake', () => {
            const until = performance.now() + 2;
            while (performance.now() < until);
            if (++asked > 150) throw new TypeError('marks is not iterable');
            return true;
          })],
        });`,
    });
    const { code, data } = await json(cwd, [
      'check',
      'late.mjs',
      '--runs',
      '2000',
      '--seed',
      '1',
      '--workers',
      '2',
    ]);
    expect(code).toBe(2);
    expect(data.scenarios).toMatchObject([
      { verdict: 'inconclusive', error: { name: 'TypeError', line: 11 } },
    ]);
  });

  test('on the terminal, and exit code 2 when nothing worse has happened', async () => {
    const { code, out } = await run(project(), ['check', 'sometimes-throws.mjs', 'unreached.mjs', ...ARGS]);
    expect(code).toBe(2);
    expect(out).toMatch(/fixture\/wrong\/sometimes-throws +pass +! error/);
    expect(out).toContain('! fixture/wrong/sometimes-throws: its check ended with an error');
    expect(out).toMatch(/sometimes-throws\.mjs:9\)/);
    expect(out).toContain('? fixture/vacuous/unreached: inconclusive');
  });

  test('for JUnit, GitHub and merge-reports', async () => {
    const cwd = project();
    const words = ['check', 'sometimes-throws.mjs', 'passes.mjs', ...ARGS];
    const files = ['--reporter', 'junit', '--output-file', 'r.xml', '--reporter', 'github'];
    const { out } = await run(cwd, [...words, ...files]);
    expect(out).toMatch(
      /^::error title=fixture\/wrong\/sometimes-throws,file=sometimes-throws\.mjs,line=9::/m,
    );
    expect(readFileSync(join(cwd, 'r.xml'), 'utf8')).toContain(
      '<error type="TypeError" message="the check threw',
    );
    for (const shard of ['1/2', '2/2'])
      expect((await run(cwd, [...words, '--shard', shard, '--reporter', 'blob'])).code).toBe(2);
    const merged = await json(cwd, ['merge-reports', '.one-survivor/reports']);
    expect(merged.code).toBe(2);
    expect(merged.data.scenarios[0]).toMatchObject({ verdict: 'inconclusive', error: { name: 'TypeError' } });
    expect(merged.data.scenarios[1]).toMatchObject({ verdict: 'passed' });
  });

  test('that calls process.exit', async () => {
    for (const workers of ['1', '2']) {
      const { code, data } = await json(project(), [
        'check',
        'exits.mjs',
        'passes.mjs',
        ...ARGS,
        '--workers',
        workers,
      ]);
      expect(code).toBe(2);
      expect(data.scenarios[0].reason).toContain('process.exit(0) was called');
      expect(data.scenarios[1].verdict).toBe('passed');
    }
  });

  test('that ends its thread', async () => {
    const { code, data } = await json(project(), ['check', 'ends-thread.mjs', ...ARGS, '--workers', '2']);
    expect(code).toBe(2);
    expect(shortly(data)).toEqual([
      ['fixture/ends-thread/first', 'passed'],
      ['fixture/ends-thread/second', 'inconclusive'],
      ['fixture/ends-thread/third', 'passed'],
    ]);
    expect(data.scenarios[1].reason).toBe('the check threw Error: its thread has ended');
  });
});

test('an uncaught exception outside of all runs is reported, and affects no verdict', async () => {
  for (const workers of ['1', '2']) {
    const { code, out, err } = await run(project(), [
      'check',
      'stray.mjs',
      'passes.mjs',
      ...ARGS,
      '--workers',
      workers,
    ]);
    expect(out).toContain('2 scenarios as expected');
    expect(err).toMatch(/uncaught exception outside of all runs: Error: no config here \(.*stray\.mjs:4\)/);
    expect(code).toBe(2);
  }
});

describe('files that cannot be loaded', () => {
  const config = `export default { scenarios: ['./throws.mjs', './passes.mjs', './exports-nothing.mjs'] };`;

  test('in a config stand for themselves, and the others are checked', async () => {
    const cwd = project({ 'one-survivor.config.mjs': config });
    const { code, data } = await json(cwd, ['check', ...ARGS]);
    expect(code).toBe(2);
    expect(shortly(data)).toEqual([
      ['fixture/sound/passes', 'passed'],
      ['throws.mjs', 'inconclusive'],
      ['exports-nothing.mjs', 'inconclusive'],
    ]);
    expect(data.scenarios[1]).toMatchObject({
      error: { name: 'Error', file: join(cwd, 'throws.mjs'), line: 1 },
    });
    expect(data.scenarios[1].reason).toContain('throws.mjs cannot be loaded: no daemon here');
    expect(data.scenarios[2].reason).toContain('exports no scenario; got nothing');
  });

  test('on the command line too', async () => {
    const { code, data } = await json(project(), ['check', 'throws.mjs', 'passes.mjs', ...ARGS]);
    expect(code).toBe(2);
    expect(shortly(data)).toEqual([
      ['fixture/sound/passes', 'passed'],
      ['throws.mjs', 'inconclusive'],
    ]);
  });

  test('are the reason why there is no such scenario', async () => {
    const cwd = project({ 'one-survivor.config.mjs': config });
    const { code, err } = await run(cwd, ['check', 'fixture/throws/*', ...ARGS]);
    expect(code).toBe(2);
    expect(err).toContain('throws.mjs cannot be loaded: no daemon here');
  });
});

test('one thread and two give the same reports of errors', async () => {
  const cwd = project();
  const words = ['check', 'sometimes-throws.mjs', 'exits.mjs', 'passes.mjs', ...ARGS];
  const of = async (workers: string): Promise<Json> =>
    timeless((await json(cwd, [...words, '--workers', workers])).data);
  expect(await of('2')).toEqual(await of('1'));
});
