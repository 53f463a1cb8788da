import { expect, test } from 'vitest';
import { json, project, start } from './run.ts';

test('an endless run is an ordinary violation: the check continues, and its token replays', async () => {
  const cwd = project();
  const words = ['check', 'waits-busily.mjs', 'passes.mjs', '--runs', '100', '--seed', '1', '--no-record'];
  const { code, data } = await json(cwd, words);
  expect(code).toBe(1);
  expect(data.scenarios.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['violated', 'passed']);
  const [violation] = data.scenarios[0].violations;
  expect(violation).toMatchObject({ invariant: 'a run ends within its step bound', steps: 50_001 });
  // Of 50,000 steps, each of which could be another process's.
  expect(violation.token.length).toBeLessThan(200);
  const again = await json(cwd, ['replay', violation.token, '--from', 'waits-busily.mjs']);
  expect(again.code).toBe(1);
  expect(again.data).toMatchObject({ token: violation.token, traceHash: violation.traceHash });
}, 60_000);

test('a token may come from stdin: one of a long run may be too long for an argument', async () => {
  const cwd = project();
  const { data } = await json(cwd, ['check', 'violates.mjs', '--seed', '1', '--no-record']);
  const { token, traceHash } = data.scenarios[0].violations[0];
  const ended = await start(
    cwd,
    ['replay', '-', '--from', 'violates.mjs', '--json'],
    {},
    { input: `${token}\n` },
  );
  expect(ended.exitCode).toBe(1);
  expect(JSON.parse(String(ended.stdout))).toMatchObject({ token, traceHash });
});
