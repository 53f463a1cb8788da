import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { limitsOf } from '../../src/report/limits.ts';
import {
  always,
  atMostOneOwner,
  eventually,
  type Invariant,
  ifExercised,
  noStaleAct,
  noTokenTwice,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  type ScenarioOptions,
  sometimes,
  tokensRise,
} from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const idle: Program = async ({ clock }) => clock.sleep(5);

function checked(
  { programs, ...options }: Partial<ScenarioOptions>,
  program: Program = idle,
  allowOmitted = false,
) {
  const scenario = scenarioOf({ daemon: program, ...programs }, options);
  return check(scenario, { seed: 1, runs: 60, allowOmitted });
}

describe('an invariant that no run exercised', () => {
  it.each<[string, Invariant]>([
    ['a process marked "own"', atMostOneOwner],
    ['a process marked "act"', noStaleAct],
    ['two owners were granted fencing tokens', tokensRise],
    ['two owners were granted fencing tokens', noTokenTwice],
    ['a program of the system sent a signal', nothingForeignSignalled],
    ['a program of the system sent a signal', nothingUnprovenSignalled],
    ['a process marked "eat"', always('nothing is eaten twice', () => null, { requires: 'eat' })],
    ['a process marked "eat"', eventually('all is eaten', () => null, { requires: 'eat' })],
  ])('makes a check inconclusive: in no run %s', async (what, invariant) => {
    const report = await checked({ invariants: [invariant] });
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      ok: false,
      omitted: [],
      reason: expect.stringContaining(`never exercised: "${invariant.name}" (in none of 60 runs ${what})`),
      exercised: [{ invariant: invariant.name, requires: what, runs: 0 }],
    });
  });

  it('is no reason once one run has exercised it', async () => {
    const owner: Program = async ({ mark, clock }) => {
      mark('own');
      await clock.sleep(5);
    };
    const report = await checked({ invariants: [atMostOneOwner] }, owner);
    expect(report).toMatchObject({ verdict: 'passed', reason: null, exercised: [{ runs: 60 }] });
  });

  it('is reported but not a reason if the scenario need not exercise it', async () => {
    const report = await checked({ invariants: [ifExercised(atMostOneOwner)] });
    expect(report).toMatchObject({ verdict: 'passed', exercised: [{ optional: true, runs: 0 }] });
  });
});

describe('a part of the scenario that no run had', () => {
  it.each<[string, Partial<ScenarioOptions>]>([
    [
      'daemon late (start[1]) started in none of 60 runs: it is due at 20000 ms, and runs end at 400 ms',
      { start: [{ program: 'daemon' }, { program: 'daemon', argv: ['late'], atMs: 20_000 }] },
    ],
    [
      'child (start[1]) started in none of 60 runs: its parent "daemon" had ended each time',
      {
        programs: { child: idle },
        start: [{ program: 'daemon' }, { program: 'child', parent: 'daemon', atMs: 100 }],
        machine: { busyMs: 0 },
      },
    ],
  ])('makes a check inconclusive: %s', async (what, options) => {
    const report = await checked(options);
    expect(report).toMatchObject({ verdict: 'inconclusive', ok: false, omitted: [what] });
    expect(report.reason).toBe(`never run: ${what}`);
    expect(await checked(options, idle, true)).toMatchObject({ verdict: 'inconclusive', ok: true });
  });

  it('is not allowed to hide that nothing was exercised or reached', async () => {
    const late = { program: 'daemon', atMs: 20_000 };
    const options = { start: [{ program: 'daemon' }, late] };
    const unexercised = await checked({ ...options, invariants: [atMostOneOwner] }, idle, true);
    expect(unexercised).toMatchObject({ verdict: 'inconclusive', ok: false });
    const unreached = await checked({ ...options, invariants: [sometimes('it owned', 'own')] }, idle, true);
    expect(unreached).toMatchObject({ verdict: 'inconclusive', ok: false });
  });

  it('counts how often each fault struck, and how many processes each start began', async () => {
    const report = await checked({
      start: [{ program: 'daemon', count: 3 }],
      faults: { kill: 1, stop: 0, 'tear-state': { max: 0 } },
    });
    expect(report.started).toMatchObject([{ start: 'daemon (start[0])', processes: 180 }]);
    expect(Object.keys(report.struck)).toEqual(['kill']);
    expect(report.struck.kill).toBeGreaterThan(5);
  });

  it('is not a fault that found nothing to strike: it may strike, and need not', async () => {
    const report = await checked({ faults: { 'lose-state': { under: '/nothing' } } });
    expect(report).toMatchObject({ verdict: 'passed', struck: { 'lose-state': 0 } });
  });
});

describe('a violation of what never came true', () => {
  const owned = eventually('one owns', ({ currentClaims }) => (currentClaims.length === 1 ? null : 'none'));

  it('notes the start that was due too late', async () => {
    const start = [{ program: 'daemon' }, { program: 'daemon', atMs: 20_000 }];
    const report = await checked({ start, invariants: [owned] });
    expect(report.omitted).toEqual([expect.stringContaining('daemon (start[1]) started in none of')]);
    expect(report.notes?.join()).toContain('it is due at 20000 ms, and runs end at 400 ms');
  });

  it('notes what was never exercised, such as a mark that no program makes', async () => {
    const mistyped: Program = async ({ mark }) => mark('owner');
    const report = await checked({ invariants: [atMostOneOwner, owned] }, mistyped);
    expect(report).toMatchObject({ verdict: 'violated', violations: [{ invariant: 'one owns' }] });
    expect(report.notes?.join()).toContain('a process marked "own"');
  });

  it('has no such note if nothing is missing, or for safety', async () => {
    expect((await checked({ invariants: [owned] })).notes).toBeUndefined();
    const never = always('never', () => 'always');
    expect((await checked({ invariants: [never, atMostOneOwner] })).notes).toBeUndefined();
  });
});

describe('every report names', () => {
  it('the longest sleep that no run has waited for, unless it means for ever', async () => {
    const sleeping =
      (ms: number): Program =>
      async ({ clock }) =>
        clock.sleep(ms);
    const slept = async (ms: number) => (await checked({}, sleeping(ms))).bounds?.unawaitedSleepMs;
    expect(await slept(100_000)).toBe(100_000);
    expect(await slept(100)).toBeUndefined();
    expect(await slept(1e9)).toBeUndefined();
  });

  it('how far runs go, and what they take as given', async () => {
    const report = await checked({ faults: { kill: 2 }, machine: { busyMs: 7, operationUs: 0 } });
    expect(report.bounds).toEqual({
      ...{ faultsForMs: 200, busyUntilMs: 300, endsAtMs: 400, maxSteps: expect.any(Number) },
      ...{ operationUs: 0, busyMs: 7, faults: { kill: 2 } },
    });
    expect(report.assumed).toEqual([
      expect.stringContaining('no invariants of its own'),
      expect.stringContaining('machine.twoPhase'),
      expect.stringContaining('programs share no memory'),
    ]);
    const twoPhases = await checked({ machine: { twoPhase: ['stat'] } });
    expect(twoPhases.assumed.join()).toContain('programs share no memory');
    expect(twoPhases.assumed.join()).not.toContain('machine.twoPhase');
  });
});

describe('fencing tokens', () => {
  /** One after the other, each owns with the next of these tokens. */
  function granting(...tokens: readonly (number | null)[]) {
    const owner: Program = async ({ mark, clock }, [number]) => {
      const token = tokens[Number(number)]!;
      mark('own', token === null ? {} : { token });
      await clock.sleep(5);
      mark('release');
    };
    const start = tokens.map((_, i) => ({ program: 'daemon', argv: [`${i}`], atMs: i * 10 }));
    return checked(
      { start, machine: { busyMs: 0 }, invariants: [atMostOneOwner, tokensRise, noTokenTwice] },
      owner,
    );
  }

  it('that rise are fine', async () => {
    expect(await granting(1, 2, 7)).toMatchObject({ verdict: 'passed' });
  });

  it('may not be granted twice, though no two own at once', async () => {
    const { violations } = await granting(1, 2, 2);
    expect(violations).toMatchObject([
      {
        invariant: 'no fencing token is granted twice',
        message: 'token 2 was granted to daemon#3, and to daemon#2 before',
      },
    ]);
  });

  it('may not fall, though the claim with the lower one counts as superseded', async () => {
    const { violations } = await granting(3, 2);
    expect(violations).toMatchObject([
      {
        invariant: 'fencing tokens only rise',
        message: expect.stringMatching(
          /^token 2 was granted to daemon#2 after token 3 was granted to daemon#1 /,
        ),
      },
    ]);
  });

  it('may be named again by the owner that has it', async () => {
    const twice: Program = async ({ mark, clock }) => {
      mark('own', { token: 1 });
      await clock.sleep(1);
      mark('own', { token: 1 });
      mark('own', { token: 2 });
    };
    const report = await checked(
      { start: [{ program: 'daemon' }], invariants: [tokensRise, noTokenTwice] },
      twice,
    );
    expect(report).toMatchObject({ verdict: 'passed' });
  });
});

describe('a program that only others start', () => {
  it('is counted, and named where no run had it', async () => {
    const parent: Program = async ({ fs, process }) => {
      await process.spawn(['child']);
      if (await fs.exists('/never')) await process.spawn(['other']);
    };
    const idle: Program = async () => {};
    const scenario = scenarioOf({ parent, child: idle, other: idle }, { start: [{ program: 'parent' }] });
    const report = await check(scenario, { seed: 1, runs: 3, isolation: false });
    expect(report).toMatchObject({ verdict: 'passed', omitted: [], spawned: { child: 3, other: 0 } });
    const { colors, width } = { colors: { dim: (text: string) => text } as never, width: 100 };
    expect(limitsOf([report as never], { colors, width })).toContain(
      'unbegun  programs that started in no run: other',
    );
  });
});
