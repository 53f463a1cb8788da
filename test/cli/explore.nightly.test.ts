import { expect, test } from 'vitest';
import { json, project, run } from './run.ts';

const SMALL = ['--contenders', '2', '--crashes', '1', '--stops', '0', '--preemptions', '1', '--busy', '0'];
/** No search for larger bounds. */
const ONE_LEVEL = ['--preemptions', '0', '--busy', '0'];

test('explore reports completeness within the bounds, and its assumptions', async () => {
  const { code, out } = await run(project(), ['explore', 'model/generations/looked-again', ...SMALL]);
  expect(out).toMatch(/^complete {2}[\d,]+ states · [\d,]+ edges · [\d,]+ executions/m);
  expect(out).toMatch(
    /^bounds +2 of \d+ contenders · at most 1 kill, 0 of 1 stop in a run · at most 1 preemption · operations take no time · runs end after \d+ s of simulated time$/m,
  );
  expect(out).toMatch(/^assumed +a process knows/m);
  expect(out.replace(/\s+/g, ' ')).toContain('; a directory is read in one step; ');
  expect(out).toMatch(/^✓ model\/generations\/looked-again: passed$/m);
  expect(out).not.toContain('omitted');
  expect(code).toBe(0);
});

test('explore --json is a check, and more', async () => {
  const { code, data } = await json(project(), ['explore', 'model/generations/looked-again', ...SMALL]);
  expect(code).toBe(0);
  expect(data).toMatchObject({
    ok: true,
    complete: true,
    seed: null,
    bounds: {
      ...{ contenders: 2, crashes: 1, stops: 0, losses: 0, busyMs: 0, preemptions: 1, operationUs: 0 },
      faults: { kill: 1 },
      endsAtMs: expect.any(Number),
    },
    has: { faults: { kill: 1, stop: 1 } },
    omitted: [],
    assumed: expect.arrayContaining(['a directory is read in one step']),
    levels: [{ complete: true, faultsInAll: 1, preemptions: 1, states: data.states }],
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
    /npx one-survivor (replay os1:fixture\/broken\/violates\+contenders=\d+:\S+ --from violates\.mjs)/.exec(
      out,
    );
  const again = await run(cwd, line![1]!.split(' '));
  expect(again.out).toContain('✗ violated here: at most one owner');
});

test('explore --mutant explores a mutant, and the replay command includes it', async () => {
  const cwd = project();
  const { code, out } = await run(cwd, [
    ...['explore', 'model/lock/cold-start', '--crashes', '0', '--preemptions', '1', '--busy', '0'],
    ...['--mutant', 'generations/eexist-another-contender-has-it'],
  ]);
  expect(code).toBe(1);
  const line = /npx one-survivor (replay \S+ --mutant generations\/eexist-another-contender-has-it)/.exec(
    out,
  );
  expect((await run(cwd, line![1]!.split(' '))).code).toBe(1);
});

test('explore that runs out of time is inconclusive', async () => {
  const { code, out } = await run(project(), [
    ...['explore', 'model/lock/cold-start', '--faults', '1', '--preemptions', '3', '--busy', '0'],
    ...['--budget', '200ms'],
  ]);
  expect(code).toBe(3);
  expect(out).toMatch(/the time was up after [\d]+ states/);
  expect(out).toContain('not complete');
});

test('explore of what init writes is complete, with all its starts and any one of its faults', async () => {
  const cwd = project();
  expect((await run(cwd, ['init'])).code).toBe(0);
  const { code, out } = await run(cwd, [
    'explore',
    'races/lock.mjs',
    ...ONE_LEVEL,
    '--faults',
    '1',
    '--budget',
    '10m',
  ]);
  expect(out).toMatch(/^complete /m);
  expect(out).toMatch(
    /^bounds +4 contenders · at most 1 fault of 2 kill, 1 stop, 1 pid-reuse in a run · no preemptions · /m,
  );
  expect(out).not.toContain('omitted');
  expect(code).toBe(0);
}, 300_000);

/** Sleeps on, and reboots. */
const ASLEEP = `
  import { scenario, sometimes } from 'one-survivor';
  async function asleep({ clock, mark }) {
    mark('here');
    await clock.sleep(100_000);
  }
  export default scenario({
    id: 'explore/cli/asleep',
    programs: { asleep },
    start: [{ program: 'asleep', atBoot: true }, { program: 'asleep', phase: 'settle' }],
    faults: { reboot: 1 },
    invariants: [sometimes('here', 'here')],
  });
`;

test('explore names the end of runs, and a sleep that it does not wait for', async () => {
  const { code, out } = await run(project({ 'asleep.mjs': ASLEEP }), ['explore', 'asleep.mjs', ...ONE_LEVEL]);
  expect(out).toContain('runs end after 13 s of simulated time');
  expect(out).toContain('a sleep of 100 s was not waited for: raise settleMs');
  expect(code).toBe(0);
});

test('explore that leaves a fault out is inconclusive, unless that is allowed', async () => {
  const cwd = project({ 'asleep.mjs': ASLEEP });
  const few = ['explore', 'asleep.mjs', '--max-states', '6', '--busy', '0'];
  const { code, out } = await run(cwd, few);
  expect(out).toContain('omitted  no level with the fault reboot was completed');
  expect(code).toBe(3);
  const { code: allowed, data } = await json(cwd, [...few, '--allow-omitted']);
  expect(data.scenarios[0]).toMatchObject({ verdict: 'inconclusive', ok: true });
  expect(allowed).toBe(0);
});

test('explore has no seed, and does not advise more runs', async () => {
  const { out } = await run(project(), [
    'explore',
    'model/naive/cold-start',
    '--contenders',
    '1',
    ...ONE_LEVEL,
  ]);
  expect(out).toContain('expects a violation, and none was found');
  expect(out).toContain('in any schedule within the bounds below');
  expect(out).toMatch(/scenario +expects +verdict +executions/);
  expect(out).not.toMatch(/seed|--runs/);
});

test('explore with fewer contenders notes that this may cause a liveness violation', async () => {
  const cwd = project();
  await run(cwd, ['init']);
  const asked = ['--contenders', '2', '--crashes', '1', '--stops', '0'];
  const { code, out } = await run(cwd, ['explore', 'races/lock.mjs', ...asked, ...ONE_LEVEL]);
  expect(out).toContain('note: --contenders left out 2 of the 4 processes that the scenario starts');
  expect(code).toBe(1);
});

test.each([
  [['explore'], /missing required argument 'SCENARIO'/],
  [['explore', 'model/naive/*'], /names 5 scenarios; accepted: one of model\/naive\/cold-start/],
  [['explore', 'no/such/scenario'], /there is no scenario "no\/such\/scenario"/],
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
