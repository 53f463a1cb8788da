// Explore takes a scenario as it is written, in levels of growing bounds, and says what it left out.
import { describe, expect, it } from 'vitest';
import { replay } from '../../src/check/index.ts';
import { explore, exploreLevels } from '../../src/explore/index.ts';
import type { Program } from '../../src/ports/index.ts';
import {
  atMostOneOwner,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../src/scenario/index.ts';

const says: Program = async ({ mark, clock }, [who = 'here']) => {
  mark(who);
  await clock.sleep(1);
};

/** Marks its argument. */
function saying(options: Partial<ScenarioOptions>): Scenario {
  return scenario({
    id: 'explore/levels/saying',
    programs: { says },
    start: [{ program: 'says' }],
    machine: { files: { '/d/file': 'text' } },
    faultsForMs: 20,
    settleMs: 20,
    invariants: [],
    ...options,
  });
}

/** `a` and `b` each raise a flag, then look for that of the other. */
function flags(): Scenario {
  const flag =
    (me: string, other: string): Program =>
    async ({ fs, clock, mark }) => {
      await fs.writeFile(`/run/${me}`, 'up');
      if (await fs.exists(`/run/${other}`)) {
        await fs.unlinkIfThere(`/run/${me}`);
        return 1;
      }
      mark('own');
      // It does not look again.
      await clock.sleep(5);
      await fs.unlinkIfThere(`/run/${me}`);
      mark('own');
      return 0;
    };
  return scenario({
    id: 'explore/levels/flags',
    programs: { a: flag('a', 'b'), b: flag('b', 'a') },
    start: [{ program: 'a' }, { program: 'b' }],
    machine: { files: { '/run': null } },
    faultsForMs: 50,
    settleMs: 50,
    invariants: [atMostOneOwner],
  });
}

describe('the scenario as it is written', () => {
  it('has all entries of start, each with its own arguments and time, and decides about optional ones', async () => {
    const start = [
      { program: 'says', argv: ['first'] },
      { program: 'says', argv: ['second'], atMs: 5 },
      { program: 'says', argv: ['late'], phase: 'settle' as const },
      { program: 'says', argv: ['perhaps'], optional: true },
    ];
    const names = start.map(({ argv: [name = ''] }) => sometimes(name, name));
    const without = sometimes('without', ({ marks }) => marks.has('late') && !marks.has('perhaps'));
    const report = await exploreLevels(saying({ start, invariants: [...names, without] }));
    expect(report).toMatchObject({ verdict: 'passed', complete: true, omitted: [] });
    expect(report.bounds).toMatchObject({ contenders: 4, preemptions: null, endsAtMs: 40, operationUs: 0 });
    for (const count of Object.values(report.sometimes)) expect(count).toBeGreaterThan(0);
    // What was begun on a way that the search went back from is not counted twice.
    const executions = report.levels.reduce((sum, level) => sum + level.executions, 0);
    for (const { processes } of report.started) expect(processes).toBeLessThanOrEqual(executions);
  });

  it('has all its faults, each as often as it allows', async () => {
    const clock: Program = async ({ clock, fs, mark }) => {
      const before = await clock.wallMs();
      await clock.sleep(1);
      const after = await clock.wallMs();
      if (after - before > 1_000) mark('jumped');
      if ((await fs.readFile('/d/file').catch(() => '')).length < 4) mark('torn');
    };
    const report = await exploreLevels(
      saying({
        programs: { clock },
        start: [{ program: 'clock', atBoot: true }],
        faults: { 'clock-jump': 2, 'tear-state': 1, reboot: 1 },
        invariants: [
          sometimes('jumped', 'jumped'),
          sometimes('torn', 'torn'),
          sometimes('both', ({ marks }) => marks.has('jumped') && marks.has('torn')),
          sometimes('rebooted', ({ processes }) => processes.length > 1),
        ],
      }),
    );
    expect(report).toMatchObject({ verdict: 'passed', complete: true, omitted: [] });
    expect(report.bounds.faults).toEqual({ 'clock-jump': 2, 'tear-state': 1, reboot: 1 });
    expect(report.bounds.faultsInAll).toBeNull();
    // A crash is no fault of this scenario.
    expect(Object.keys(report.struck)).toEqual(['tear-state', 'clock-jump', 'reboot']);
  });

  it('finds two owners in two programs, with a token that replays', async () => {
    const written = flags();
    const report = await exploreLevels(written);
    expect(report).toMatchObject({ verdict: 'violated', complete: false });
    const [violation] = report.violations;
    expect(violation?.invariant).toBe('at most one owner');
    const again = await replay(violation!.token, (id) => (id === written.id ? written : undefined));
    expect(again.failure?.invariant).toBe('at most one owner');
    expect(report.levels.at(-1)).toMatchObject({ complete: false });
    expect(report.largest).toBe(report.levels.length - 1);
  });
});

describe('levels', () => {
  it('grow up to any number of preemptions and the busy time of the scenario, and then end', async () => {
    const report = await exploreLevels(saying({ start: [{ program: 'says', count: 2 }] }));
    expect(report.levels.every(({ complete }) => complete)).toBe(true);
    expect(report.levels[0]).toMatchObject({ faultsInAll: 0, preemptions: 0, busyMs: 0 });
    expect(report.levels[report.largest]).toMatchObject({ preemptions: null, busyMs: 300 });
    expect(report.bounds).toMatchObject({ preemptions: null, busyMs: 300 });
  });

  const rebooting = saying({
    start: [{ program: 'says', count: 2, atBoot: true }],
    faults: { reboot: 1 },
  });

  it('that are too large leave faults out, and the verdict says so', async () => {
    const small = await exploreLevels(rebooting, { preemptions: 0, busyMs: 0 });
    const [without, with_] = small.levels;
    expect([without?.faults, with_?.faults]).toEqual([{}, { reboot: 1 }]);
    const maxStates = without!.states + 1;
    const report = await exploreLevels(rebooting, { maxStates });
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      ok: false,
      complete: true,
      omitted: ['no level with the fault reboot was completed'],
    });
    expect(report.reason).toContain('no level with the fault reboot was completed');
    expect((await exploreLevels(rebooting, { maxStates, allowOmitted: true })).ok).toBe(true);
  });

  it('leave a fault out that needs two strikes, if only one was possible', async () => {
    const written = saying({
      start: [{ program: 'says', count: 2 }],
      faults: { 'roll-back-state': { under: '/d' } },
    });
    const all = await exploreLevels(written, { preemptions: 0, busyMs: 0 });
    expect(all).toMatchObject({ verdict: 'passed', omitted: [] });
    expect(all.levels.map(({ faultsInAll }) => faultsInAll)).toEqual([0, 1, 2]);
    const some = await exploreLevels(written, { maxStates: all.levels[1]!.states + 1 });
    expect(some.omitted).toEqual(['no level with the fault roll-back-state was completed']);
  });

  it('none of which was completed make the search incomplete', async () => {
    const report = await exploreLevels(rebooting, { maxStates: 1 });
    expect(report).toMatchObject({ verdict: 'inconclusive', ok: false, complete: false });
    expect(report.reason).toBe('no more than 1 states are kept');
  });

  it('with a power cut come last, because no two of its states are the same', async () => {
    const report = await exploreLevels(saying({ faults: { 'power-cut': 1, kill: 1 } }), {
      preemptions: 0,
      busyMs: 0,
    });
    expect(report.levels.map(({ faults }) => Object.keys(faults))).toEqual([
      [],
      ['kill'],
      ['kill', 'power-cut'],
      ['kill', 'power-cut'],
    ]);
    expect(report.levels.map(({ faultsInAll }) => faultsInAll)).toEqual([0, 1, 1, 2]);
    expect(report).toMatchObject({ verdict: 'passed', omitted: [] });
  });

  it('are not begun when the budget is used up, but for the first', async () => {
    const report = await exploreLevels(rebooting, { budgetMs: 1e-6 });
    expect(report.levels).toHaveLength(1);
    expect(report.bounds.faults).toEqual({});
  });
});

describe('what is asked for', () => {
  it('is fixed, and what that leaves out is no omission', async () => {
    const start = [
      { program: 'says', argv: ['first'], count: 2 },
      { program: 'says', argv: ['second'], count: 2 },
    ];
    const invariants = [sometimes('first', 'first'), sometimes('second', 'second')];
    const written = saying({ start, faults: { kill: 2, stop: 1 }, invariants });
    const report = await exploreLevels(written, {
      ...{ contenders: 2, faultCounts: { kill: 1, stop: 0 } },
      ...{ preemptions: 0, busyMs: 0 },
    });
    expect(report.levels).toHaveLength(1);
    expect(report.id).toBe(`${written.id}+contenders=2+crashes=1`);
    expect(report).toMatchObject({ verdict: 'passed', ok: true, omitted: [] });
    expect(report.reason).toContain('within these bounds, never reached: second');
    expect(report.bounds).toMatchObject({ contenders: 2, faults: { kill: 1 }, preemptions: 0 });
    expect(report.has).toEqual({ contenders: 4, faults: { kill: 2, stop: 1 } });
  });

  it('may be a number of faults in all', async () => {
    const lost: Program = async ({ fs, mark, clock }) => {
      for (let i = 0; i < 2; i++) await clock.sleep(1);
      const names = await fs.readdir('/d');
      if (names.length === 0) mark('both lost');
    };
    const written = saying({
      programs: { lost },
      start: [{ program: 'lost' }],
      machine: { files: { '/d/a': '', '/d/b': '' } },
      faults: { 'lose-state': { max: 2, under: '/d' } },
      invariants: [sometimes('lost', 'both lost')],
    });
    const of = async (faults: number) => (await exploreLevels(written, { faults })).sometimes.lost!;
    expect(await of(1)).toBe(0);
    expect(await of(2)).toBeGreaterThan(0);
  });

  it('is inconclusive if it leaves nothing that an invariant is about', async () => {
    const written = saying({
      start: [{ program: 'says' }, { program: 'says', argv: ['second'] }],
      invariants: [sometimes('second', 'second')],
    });
    const report = await exploreLevels(written, { contenders: 1 });
    expect(report).toMatchObject({ verdict: 'inconclusive', ok: false, complete: true });
    expect(report.reason).toContain('never reached: second');
    expect((await exploreLevels(written)).verdict).toBe('passed');
  });
});

describe('what no bound explains', () => {
  const late = { program: 'says', atMs: 1_000 };

  it('is omitted, whatever was asked for: a start that is due after the end', async () => {
    const whole = saying({ start: [{ program: 'says' }, late], faults: { kill: 1 } });
    for (const options of [
      {},
      { preemptions: 3 },
      { preemptions: Number.POSITIVE_INFINITY },
      { faults: 0 },
    ]) {
      const report = await exploreLevels(whole, options);
      expect(report).toMatchObject({ verdict: 'inconclusive', complete: true });
      expect(report.omitted).toEqual([expect.stringContaining('says (start[1]) started in none of')]);
    }
  });

  it('is inconclusive though preemptions were bounded: a mark that no program makes', async () => {
    const whole = saying({ invariants: [sometimes('never', 'never'), sometimes('here', 'here')] });
    expect(await exploreLevels(whole, { preemptions: 5 })).toMatchObject({ verdict: 'inconclusive' });
  });

  it('is not a fault of which none was asked for', async () => {
    const whole = saying({ faults: { kill: 1 }, invariants: [sometimes('here', 'here')] });
    expect(await exploreLevels(whole, { faults: 0 })).toMatchObject({ verdict: 'passed', omitted: [] });
  });
});

describe('a token of a level', () => {
  it('replays with a function that always returns the scenario', async () => {
    const whole = flags();
    const { violations } = await exploreLevels(whole);
    const again = await replay(violations[0]!.token, () => whole);
    expect(again).toMatchObject({ verdict: 'violated', failure: { invariant: 'at most one owner' } });
  });
});

describe('shared memory, level by level', () => {
  it('is looked for in the first level, and what could not be seen is said once', async () => {
    const { assumed } = await exploreLevels(saying({ faults: { kill: 1 } }));
    const lines = assumed.filter((each) => each.startsWith('programs share no memory'));
    expect(lines).toEqual([expect.stringContaining('variables were watched')]);
  });
});

describe('the end of a run', () => {
  const sleeper =
    (ms: number): Program =>
    async ({ clock, mark }) => {
      await clock.sleep(ms);
      mark('own');
    };

  it.each([
    [100_000, 100_000],
    [1e9, undefined],
    [15, undefined],
  ])('may come before a sleep of %d ms is over; the report names %s', async (ms, named) => {
    const written = saying({ programs: { sleeper: sleeper(ms) }, start: [{ program: 'sleeper' }] });
    const report = await explore(written);
    expect(report.bounds.unawaitedSleepMs).toBe(named);
    expect(report.bounds.endsAtMs).toBe(40);
  });

  it('does not concern a process that has ended', async () => {
    const program: Program = async ({ clock }) => void clock.sleep(100_000);
    const report = await explore(saying({ programs: { program }, start: [{ program: 'program' }] }));
    expect(report.bounds.unawaitedSleepMs).toBeUndefined();
  });
});

describe('memory that processes share', () => {
  const levels = (isolation?: false) =>
    exploreLevels(flags(), { budgetMs: 20_000, busyMs: 0, ...(isolation === false && { isolation }) });

  it('is looked for in the first level, and no later one says that this was turned off', async () => {
    const report = await levels();
    expect(report.levels.length).toBeGreaterThan(1);
    const ofMemory = report.assumed.filter((each) => each.includes('memory'));
    expect(ofMemory).toHaveLength(1);
    expect(ofMemory[0]).toContain('variables were watched in a few runs');
  });

  it('is not looked for when that is turned off, and the report says so', async () => {
    expect((await levels(false)).assumed).toContain('programs share no memory: the check was turned off');
  });
});
