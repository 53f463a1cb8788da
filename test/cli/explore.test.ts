import { expect, test } from 'vitest';
import { json, project, run } from './run.ts';

const SMALL = ['--contenders', '2', '--crashes', '1', '--preemptions', '1'];

test('explore says that every schedule within the bounds has been tried, and what was taken for granted', async () => {
  const { code, out } = await run(project(), ['explore', 'model/generations/looked-again', ...SMALL]);
  expect(out).toMatch(/^complete {2}[\d,]+ states · [\d,]+ edges · [\d,]+ executions/m);
  expect(out).toMatch(/^bounds +2 contenders · 1 crash · 0 stops · 0 lost files · at most 1 preemption/m);
  expect(out).toMatch(/^assumed +no directory is removed or replaced; /m);
  expect(code).toBe(0);
});

test('explore --json is a check, and more', async () => {
  const { code, data } = await json(project(), ['explore', 'model/generations/looked-again', ...SMALL]);
  expect(code).toBe(0);
  expect(data).toMatchObject({
    ok: true,
    complete: true,
    bounds: { contenders: 2, crashes: 1, preemptions: 1 },
  });
  expect(data.executions).toBeGreaterThan(10);
  expect(data.states).toBeGreaterThan(100);
  expect(data.scenarios[0]).toMatchObject({
    id: 'model/generations/looked-again+contenders=2+crashes=1',
    verdict: 'passed',
    complete: true,
    violations: [],
  });
});

test('a token of explore replays', async () => {
  const cwd = project();
  const { code, data } = await json(cwd, ['explore', 'model/naive/cold-start']);
  expect(code).toBe(0);
  expect(data).toMatchObject({ ok: true, complete: false });
  const [violation] = data.scenarios[0].violations;
  const again = await json(cwd, ['replay', violation.token]);
  expect(again.code).toBe(1);
  expect(again.data).toMatchObject({ invariant: 'at most one owner', traceHash: violation.traceHash });
});

test('of a scenario in a file too, with the file in the line that replays it', async () => {
  const cwd = project();
  const { code, out } = await run(cwd, ['explore', 'violates.mjs']);
  expect(code).toBe(1);
  const line =
    /npx one-survivor (replay os1:fixture\/broken\/violates\+contenders=2\+crashes=1:\S+ --from violates\.mjs)/.exec(
      out,
    );
  const again = await run(cwd, line![1]!.split(' '));
  expect(again.out).toContain('✗ broken here: at most one owner');
});

test('explore --mutant takes a guard of our own away, and says so in the line that replays it', async () => {
  const cwd = project();
  const { code, out } = await run(cwd, [
    ...['explore', 'model/lock/cold-start', '--crashes', '0', '--preemptions', '1'],
    ...['--mutant', 'generations/eexist-somebody-else-has-it'],
  ]);
  expect(code).toBe(1);
  const line = /npx one-survivor (replay \S+ --mutant generations\/eexist-somebody-else-has-it)/.exec(out);
  expect((await run(cwd, line![1]!.split(' '))).code).toBe(1);
});

test('explore that runs out of time is inconclusive', async () => {
  const { code, out } = await run(project(), [
    ...['explore', 'model/lock/cold-start', '--contenders', '3', '--budget', '200ms'],
  ]);
  expect(code).toBe(3);
  expect(out).toMatch(/the time was up after [\d]+ states/);
  expect(out).toContain('not complete');
});

test.each([
  [['explore'], /missing required argument 'SCENARIO'/],
  [['explore', 'model/naive/*'], /names 5 scenarios; accepted: one of model\/naive\/cold-start/],
  [['explore', 'nobody/knows/this'], /no scenario is called "nobody\/knows\/this"/],
  [
    ['explore', 'model/lock/cold-start', '--contenders', '0'],
    /--contenders got "0"; accepted: a whole number from 1 to 16/,
  ],
  [
    ['explore', 'model/lock/cold-start', '--crashes', 'many'],
    /--crashes got "many"; accepted: a whole number from 0 to 8/,
  ],
])('%j is refused', async (args, message) => {
  const { code, err } = await run(project(), args);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});
