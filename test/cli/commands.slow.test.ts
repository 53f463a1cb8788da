import { expect, test } from 'vitest';
import { type Json, json, project, run } from './run.ts';

async function tokenOf(cwd: string, file: string): Promise<string> {
  const { data } = await json(cwd, ['check', file, '--seed', '1', '--no-record']);
  return data.scenarios[0].violations[0].token;
}

test('replay shows what happened, and exits with 1 while it still happens', async () => {
  const cwd = project();
  const token = await tokenOf(cwd, 'not-in-the-end.mjs');
  const { code, out } = await run(cwd, ['replay', token, '--from', 'not-in-the-end.mjs']);
  expect(code).toBe(1);
  expect(out).toContain('… 1,500 ms pass');
  expect(out).toContain('✗ not true at the end: nothing is left behind');
  expect(out).toContain('instead: left behind: /left-behind');
});

test('replay --json has every event', async () => {
  const cwd = project();
  const { code, data } = await json(cwd, [
    'replay',
    await tokenOf(cwd, 'violates.mjs'),
    '--from',
    'violates.mjs',
  ]);
  expect(code).toBe(1);
  expect(data).toMatchObject({
    scenario: 'fixture/broken/violates',
    verdict: 'violated',
    invariant: 'at most one owner',
  });
  expect(data.traceHash).toMatch(/^[0-9a-f]{16}$/);
  expect(data.events.at(-1)).toMatchObject({ op: 'mark', args: { name: 'own' } });
  // `at` is where the program asked, which faults and starts have not.
  const always = ['step', 'atMs', 'process', 'op', 'args', 'result'];
  for (const { at, ...event } of data.events) {
    expect(Object.keys(event)).toEqual(always);
    expect(at ?? 'violates.mjs').toContain('violates.mjs');
  }
  expect(data.events.some(({ at }: { at?: string }) => at !== undefined)).toBe(true);
});

test('replay exits with 1 for an expected violation too', async () => {
  const cwd = project();
  const { data } = await json(cwd, ['check', 'model/naive/cold-start', '--seed', '1']);
  const { code } = await run(cwd, ['replay', data.scenarios[0].violations[0].token]);
  expect(code).toBe(1);
});

test('replay exits with 0 once the bug is fixed, and reports that the run differs', async () => {
  const cwd = project();
  const token = await tokenOf(cwd, 'violates.mjs');
  const fixed = `
    import { atMostOneOwner, scenario } from 'one-survivor';
    export default scenario({
      id: 'fixture/broken/violates',
      programs: { contender: async (ports) => { await ports.clock.sleep(1); } },
      start: [{ program: 'contender', count: 3 }],
      invariants: [atMostOneOwner],
    });`;
  const { code, out } = await run(project({ 'fixed.mjs': fixed }), ['replay', token, '--from', 'fixed.mjs']);
  expect(out).toContain('✓ no invariant is violated');
  expect(code).toBe(0);
});

test('replay exits with 4 when the two runs differ', async () => {
  // Deterministic while the token is made, and no more when it is replayed.
  const sly = (write: string) => `
    import { always, scenario } from 'one-survivor';
    let runs = 0;
    export default scenario({
      id: 'fixture/broken/sly',
      programs: { sly: async (ports) => { await ports.fs.writeFile('/f', ${write}); ports.mark('done'); } },
      start: [{ program: 'sly' }],
      invariants: [always('never done', (world) => (world.marks.has('done') ? 'done' : null))],
    });`;
  const before = project({ 'sly.mjs': sly(`'same'`) });
  const after = project({ 'sly.mjs': sly('String(runs++)') });
  const token = await tokenOf(before, 'sly.mjs');
  const again = await json(after, ['replay', token, '--from', 'sly.mjs']);
  expect(again.code).toBe(4);
  expect(again.data.verdict).toBe('nondeterministic');
  expect((await run(after, ['replay', token, '--from', 'sly.mjs'])).out).toContain(
    'the same schedule gave two different runs',
  );
});

test('list: scenarios, invariants, faults, strategies', async () => {
  const cwd = project({ 'one-survivor.config.mjs': `export default { scenarios: ['passes.mjs'] };` });
  const { code, data } = await json(cwd, ['list']);
  expect(code).toBe(0);
  expect(data.scenarios[0]).toEqual({
    id: 'fixture/sound/passes',
    file: 'passes.mjs',
    about: '',
    expects: 'pass',
    invariants: [
      { kind: 'always', name: 'nothing is wrong' },
      { kind: 'sometimes', name: 'somebody wrote' },
    ],
    faults: [],
  });
  expect(data.scenarios).toHaveLength(1);
  const builtin = (await json(cwd, ['list', '--builtin', '--grep', 'naive/cold'])).data;
  expect(builtin.scenarios.map(({ id }: Json) => id)).toEqual(['model/naive/cold-start']);
  expect(data.faults.map(({ name }: Json) => name)).toContain('pid-reuse');
  expect(data.faults.find(({ name }: Json) => name === 'stop').defaults).toEqual({
    max: 1,
    forMs: [50, 1_500, 20_000, 'Infinity'],
  });
  expect(data.strategies[0].name).toBe('portfolio');
  const { out } = await run(cwd, ['list']);
  expect(out).toMatch(
    / {2}stop +SIGSTOP .*\n +default: \{ max: 1, forMs: \[50, 1500, 20000, Infinity\] \}\n/,
  );
  expect(out).toMatch(
    /^Scenarios\n {2}fixture\/sound\/passes {2}passes\.mjs\n {4}always: nothing is wrong\n/,
  );
  const byInvariant = await run(cwd, ['list', '--by', 'invariant']);
  expect(byInvariant.out).toMatch(/^Only of fixture\n {2}always {6}nothing is wrong +1 scenario$/m);
  const ofAll = await run(cwd, ['list', '--by', 'invariant', '--builtin']);
  expect(ofAll.out).toMatch(/^One survivor\n {2}eventually {2}one survivor /);
  const { data: grouped } = await json(cwd, ['list', '--by', 'invariant', '--builtin']);
  const [{ title, invariants }] = grouped.groups;
  expect({ title, ...invariants[0] }).toMatchObject({ title: 'One survivor', kind: 'eventually' });
  for (const { name } of invariants) expect(name).toMatch(/^one survivor\b/);
});

test('--help and --version', async () => {
  const cwd = project();
  const help = await run(cwd, ['--help']);
  expect(help.code).toBe(0);
  expect(help.out).toContain('Exit codes: 0 as expected');
  expect((await run(cwd, ['check', '--help'])).out).toContain('--shard <i/n>');
  for (const option of ['--version', '-v', '-V'])
    expect((await run(cwd, [option])).out).toMatch(/^\d+\.\d+\.\d+$/);
  const none = await run(cwd, []);
  expect(none.code).toBe(2);
  expect(none.err).toContain('Usage: one-survivor');
});
