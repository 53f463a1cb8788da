import { describe, expect, it } from 'vitest';
import { check, search } from '../../src/check/index.ts';
import { emptySchedule, mergeCoverage, NO_COVERAGE } from '../../src/run/index.ts';
import { atMostOneOwner, type Scenario, type ScenarioOptions } from '../../src/scenario/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { scenarioOf } from './helpers.ts';

const SEED = 1;
const knownBug = NAIVE.find(({ id }) => id === 'model/naive/cold-start')!;

async function tokenOf(scenario: Scenario): Promise<string> {
  return (await check(scenario, { seed: SEED, runs: 1_000 })).violations[0]!.token;
}

describe('a recorded token of a known bug', () => {
  it('is replayed, and the bug is searched anyway', async () => {
    const alone = await check(knownBug, { seed: SEED, runs: 1_000 });
    const recorded = [{ token: alone.violations[0]!.token, why: 'two owners' }];
    const again = await check(knownBug, { seed: SEED, runs: 1_000, recorded });
    expect(again).toMatchObject({ ok: true, firstViolationAtRun: alone.firstViolationAtRun });
    expect(again.changed).toBeUndefined();
  });

  it('is the violation when the search finds none', async () => {
    const token = await tokenOf(knownBug);
    const report = await check(knownBug, { seed: SEED, runs: 1, recorded: [token] });
    expect(report).toMatchObject({ verdict: 'violated', ok: true, runs: 1, firstViolationAtRun: null });
    expect(report.violations).toMatchObject([{ token }]);
  });

  it('that no longer violates anything is reported, and does not hide another violation', async () => {
    const dull = encodeToken(knownBug, emptySchedule());
    const recorded = [{ token: dull, why: 'two owners of one lock' }];
    const report = await check(knownBug, { seed: SEED, runs: 1, recorded });
    expect(report).toMatchObject({ verdict: 'passed', ok: false });
    expect(report.changed).toEqual([`${dull} no longer violates anything: two owners of one lock`]);
  });
});

describe('a recorded token of a scenario that should pass', () => {
  it('ends the check without a search, and says so instead of counting no runs', async () => {
    const { programs, start, invariants } = knownBug;
    const broken = scenarioOf(Object.fromEntries(programs), { start, invariants });
    const token = await tokenOf(broken);
    const report = await check(broken, { seed: SEED, runs: 1_000, recorded: [token] });
    expect(report).toMatchObject({ verdict: 'violated', runs: 0, violations: [{ token }] });
    expect(report.omitted).toEqual(['not searched: a recorded token still shows a violation']);
    expect(report).toMatchObject({ exercised: [], started: [], sometimes: {}, struck: {} });
    expect(report.notes).toBeUndefined();
  });

  it('of which the search of another shard has made runs, has the counts of that shard', async () => {
    const searched = await check(knownBug, { seed: SEED, runs: 1 });
    const { exercised, started } = mergeCoverage([NO_COVERAGE, searched]);
    expect({ exercised, started }).toEqual({ exercised: searched.exercised, started: searched.started });
  });
});

describe('an interruption', () => {
  const options: Partial<ScenarioOptions> = {
    start: [{ program: 'lonely', count: 3 }],
    invariants: [atMostOneOwner],
  };
  const wordy = scenarioOf(
    {
      lonely: async ({ fs, clock, mark }) => {
        for (let i = 0; i < 20; i++) await fs.writeFile('/f', '.');
        mark('own');
        await clock.sleep(100);
      },
    },
    options,
  );

  it('during shrinking reports the smallest violation so far', async () => {
    const signal = { aborted: false };
    const interrupted = await check(wordy, {
      seed: SEED,
      runs: 100,
      signal,
      search: async (...args) => {
        const searched = await search(...args);
        signal.aborted = true;
        return searched;
      },
    });
    const whole = await check(wordy, { seed: SEED, runs: 100 });
    expect(interrupted).toMatchObject({
      verdict: 'violated',
      violations: [{ invariant: 'at most one owner' }],
    });
    expect(interrupted.violations[0]!.steps).toBeGreaterThan(whole.violations[0]!.steps);
  });
});

describe('a sometimes that was never reached', () => {
  it('is no pass, however many runs violate nothing', async () => {
    const idle = scenarioOf(
      { idle: async () => {} },
      {
        start: [{ program: 'idle' }],
        invariants: [
          { kind: 'sometimes', name: 'a process owned', happened: ({ marks }) => marks.has('own') },
        ],
      },
    );
    expect(await check(idle, { seed: SEED, runs: 50 })).toMatchObject({
      verdict: 'inconclusive',
      ok: false,
      reason: 'never reached: a process owned',
      sometimes: { 'a process owned': 0 },
    });
  });
});
