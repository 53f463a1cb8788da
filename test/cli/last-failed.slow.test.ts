import { expect, test } from 'vitest';
import { type Json, json, project, run } from './run.ts';

const ARGS = ['--runs', '5', '--seed', '1', '--no-record'];
const ids = ({ data }: { data: Json }): string[] => data.scenarios.map(({ id }: Json) => id);

test('--last-failed checks what was not as expected the last time, until it is', async () => {
  const cwd = project({
    'one-survivor.config.mjs': `export default { scenarios: ['./several.mjs', './passes.mjs'] };`,
  });
  expect(await run(cwd, ['check', '--last-failed', ...ARGS])).toMatchObject({
    code: 1,
    err: expect.stringContaining('no scenario has failed since it was last checked here: all are checked'),
  });
  const again = await json(cwd, ['check', '--last-failed', ...ARGS]);
  expect(ids(again)).toEqual(['fixture/several/second']);
  // A check of others keeps it.
  await run(cwd, ['check', 'passes.mjs', ...ARGS]);
  expect(ids(await json(cwd, ['check', '--last-failed', ...ARGS]))).toEqual(['fixture/several/second']);
  const none = await run(cwd, ['check', 'passes.mjs', '--last-failed', ...ARGS]);
  expect(none).toMatchObject({
    code: 2,
    err: expect.stringContaining('those that have: several.mjs#fixture/several/second'),
  });
});

test('--quiet prints only what is not as expected', async () => {
  const cwd = project();
  expect(await run(cwd, ['check', 'passes.mjs', '--quiet', ...ARGS])).toEqual({ code: 0, out: '', err: '' });
  const failed = await run(cwd, ['check', 'several.mjs', '--quiet', ...ARGS]);
  expect(failed.code).toBe(1);
  expect(failed.err).toBe('');
  expect(failed.out).toMatch(/^one-survivor \S+ {2}seed 1 /);
  expect(failed.out).toContain('✗ fixture/several/second: ');
  expect(failed.out).not.toContain('fixture/several/first');
});

test('a file for each reporter', async () => {
  const cwd = project();
  const reporters = [
    '--reporter',
    'junit=out/a.xml',
    '--reporter',
    'json=out/b.json',
    '--reporter',
    'default',
  ];
  const { out, err } = await run(cwd, ['check', 'passes.mjs', ...ARGS, ...reporters]);
  expect(out).toContain('✓ passed');
  expect(err).toContain('junit report: out/a.xml\njson report: out/b.json');
});
