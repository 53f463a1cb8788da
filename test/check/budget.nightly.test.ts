import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { criticalSwap } from '../../src/check/critical.ts';
import { check, replay, search, shrink } from '../../src/check/index.ts';
import { repeatTail } from '../../src/check/shrink-endless.ts';
import { classifyStepBound } from '../../src/check/step-bound.ts';
import { explore } from '../../src/explore/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { always, type Scenario } from '../../src/scenario/index.ts';
import { decodeToken, encodeToken, findStrategy } from '../../src/schedule/index.ts';
import { scenarioOf } from './helpers.ts';

const ABORTED = { aborted: true };

/** Aborted from the `looks`-th look on. */
function abortedAfter(looks: number): { readonly aborted: boolean } {
  let left = looks;
  return {
    get aborted() {
      return left-- <= 0;
    },
  };
}

function busyForMs(ms: number): () => null {
  return () => {
    const endsAt = performance.now() + ms;
    while (performance.now() < endsAt);
    return null;
  };
}

/** What is wrong with it takes so many writes that each attempt of shrinking is long: without a bound it takes a minute. */
function slowToShrink(letters: number): Scenario {
  const worker: Program = async ({ fs }) => {
    for (let i = 0; i < letters / 6; i++) await fs.writeFile('/log', 'x', { flag: 'a' });
  };
  const bystander: Program = async ({ fs }) => {
    for (let i = 0; i < letters; i++) await fs.exists('/log');
  };
  return scenarioOf(
    { worker, bystander },
    {
      start: [
        { program: 'worker', count: 8 },
        { program: 'bystander', count: 4 },
      ],
      machine: { files: { '/log': '' } },
      invariants: [
        always('the log stays short', (world) =>
          world.files()['/log']!.length < letters ? null : 'it is long',
        ),
      ],
      maxSteps: 200_000,
      faultsForMs: 100_000,
    },
  );
}

describe('shrinking that is ended early', () => {
  const scenario = slowToShrink(60);

  it('gives the smallest run so far, which violates the same, and says why it ended', async () => {
    const { found } = await search(scenario, { seed: 1 });
    const { schedule, failure } = found!;
    const none = await shrink(scenario, schedule, failure, { signal: ABORTED });
    expect(none.cutShort).toBe('interrupted');
    expect(encodeToken(scenario, none.schedule)).toBe(encodeToken(scenario, schedule));
    const some = await shrink(scenario, schedule, failure, { signal: abortedAfter(60) });
    const whole = await shrink(scenario, schedule, failure);
    expect(some.cutShort).toBe('interrupted');
    expect(whole.cutShort).toBeNull();
    expect(some.cost.switches).toBeLessThan(none.cost.switches);
    expect(whole.cost.switches).toBeLessThanOrEqual(some.cost.switches);
    for (const { schedule: smaller } of [some, whole]) {
      const again = await replay(encodeToken(scenario, smaller), () => scenario);
      expect(again).toMatchObject({ verdict: 'violated', failure: { invariant: failure.invariant } });
    }
  });

  it('because its attempts have taken many steps says so', async () => {
    const { found } = await search(scenario, { seed: 1 });
    const { cutShort } = await shrink(scenario, found!.schedule, found!.failure, { maxSteps: 1_000 });
    expect(cutShort).toMatch(/^after 1,\d{3} steps$/);
  });
});

describe('a budget', () => {
  const slow = slowToShrink(2_400);

  // The clock goes on when it is looked at, by about as much as a fast machine needs from look to look: no other load counts.
  beforeEach(() => {
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 0.05;
      return now;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('includes shrinking', async () => {
    const report = await check(slow, { seed: 1, budgetMs: 1_500 });
    expect(report.verdict).toBe('violated');
    expect(report.seconds).toBeLessThan(10);
    const [violation] = report.violations;
    expect(violation!.cutShort).toBe('the time was up');
    expect((await replay(violation!.token, () => slow)).verdict).toBe('violated');
  }, 60_000);

  it('includes shrinking what explore has found', async () => {
    const report = await explore(slow, { budgetMs: 1_000 });
    expect(report.seconds).toBeLessThan(10);
    expect(report.violations[0]!.cutShort).toBe('the time was up');
  }, 60_000);

  it('that is used up before the first run is the reason of the verdict', async () => {
    const sound = scenarioOf({ idle: async ({ clock }) => clock.sleep(1) });
    const report = await check(sound, { seed: 1, budgetMs: 0 });
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      runs: 0,
      reason: 'the time was up before the first run',
    });
  });

  it('ends the first runs, of which one is completed, and their repetition', async () => {
    let begun = 0;
    const sound = scenarioOf(
      {
        slow: async ({ clock }) => {
          begun++;
          for (let i = 0; i < 4; i++) await clock.sleep(1);
        },
      },
      { invariants: [always('slow to look', busyForMs(30))] },
    );
    const report = await check(sound, { seed: 1, budgetMs: 60, runs: 10, isolation: false });
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      runs: 1,
      reason: 'the time was up after the first run',
      started: [{ processes: 1 }],
    });
    expect(report.steps).toBeGreaterThan(3);
    expect(report.assumed).toContain('programs share no memory: this was not checked to the end');
    // The one, and perhaps the beginning of its repetition.
    expect(begun).toBeLessThan(3);
  });

  it('that a program uses up that does not yield says so', async () => {
    const spins = scenarioOf({
      spins: async ({ clock }) => {
        await clock.sleep(1);
        for (;;);
      },
    });
    const report = await check(spins, { seed: 1, budgetMs: 100, hangTimeoutMs: 300, isolation: false });
    expect(report).toMatchObject({
      verdict: 'violated',
      runs: 1,
      violations: [{ invariant: 'every program yields' }],
    });
  });

  it('leaves time to make the first runs again', async () => {
    let runs = 0;
    const leaks = scenarioOf({ leaks: async ({ mark }) => mark(runs++ === 0 ? 'first' : 'later') });
    const report = await check(leaks, { seed: 1, budgetMs: 1_500 });
    expect(report.verdict).toBe('nondeterministic');
  });

  it('without a budget, shrinking has its own bound', async () => {
    const report = await check(slow, { seed: 1, withinMs: 500 });
    expect(report.seconds).toBeLessThan(10);
    expect(report.violations[0]!.cutShort).toBe('the time was up');
  }, 60_000);
});

describe('an interruption', () => {
  it('ends a run that is being made', async () => {
    const forever = scenarioOf(
      {
        busy: async ({ fs }) => {
          for (;;) await fs.exists('/');
        },
      },
      { maxSteps: 200_000, faultsForMs: 1_000_000 },
    );
    const { runs } = await search(forever, { seed: 1, runs: 1, signal: abortedAfter(2) });
    expect(runs).toBe(0);
  });

  it('ends a check within a few runs, while it searches, shrinks or looks for the critical events', async () => {
    let starts = 0;
    let abortAt = Number.POSITIVE_INFINITY;
    const signal = {
      get aborted() {
        return starts >= abortAt;
      },
    };
    const writer: Program = async ({ fs }) => {
      starts++;
      for (let i = 0; i < 6; i++) await fs.writeFile('/log', 'x', { flag: 'a' });
    };
    const invariants = [
      always('the log stays short', (world) => (world.files()['/log']!.length < 16 ? null : 'it is long')),
    ];
    const scenario = scenarioOf(
      { writer },
      { start: [{ program: 'writer', count: 4 }], machine: { files: { '/log': '' } }, invariants },
    );
    const whole = await check(scenario, { seed: 1, signal });
    expect(whole.violations[0]).toMatchObject({ critical: null });
    const all = starts;
    expect(all).toBeGreaterThan(300);
    // The one that is being made, the two of a replay at the beginning and at the end, and the beginning of shrinking.
    const few = 4 * 8;
    for (let part = 1; part < 20; part++) {
      starts = 0;
      abortAt = Math.floor((all * part) / 20);
      await check(scenario, { seed: 1, signal });
      expect(starts, `aborted after ${abortAt} of ${all}`).toBeLessThanOrEqual(abortAt + few);
    }
  });

  it('ends the search for the two events that decide, and for the reason why a run does not end', async () => {
    const scenario = slowToShrink(60);
    const { violations } = await check(scenario, { seed: 1 });
    const { schedule } = decodeToken(violations[0]!.token);
    expect(await criticalSwap(scenario, schedule, violations[0]!.invariant, { stop: ABORTED })).toBeNull();
    expect(await classifyStepBound(scenario, schedule, ABORTED)).toBeNull();
  });
});

describe('a run that does not end', () => {
  /** Writes its name until no other has for a while: the default schedule ends, and hardly any other. */
  const insistent: Program = async ({ fs, process }) => {
    const { pid } = await process.self();
    for (let alone = 0; alone < 10; alone++) {
      if ((await fs.readIfThere('/turn')) !== `${pid}`) alone = 0;
      await fs.writeFile('/turn', `${pid}`);
    }
  };
  const scenario = scenarioOf(
    { insistent },
    {
      start: [{ program: 'insistent', count: 2 }],
      machine: { busyMs: 0 },
      maxSteps: 5_000,
      faultsForMs: 100_000,
    },
  );

  it('gets a short token if it repeats a loop', async () => {
    const { found } = await search(scenario, { seed: 1, strategy: findStrategy('random')! });
    const random = await shrink(scenario, found!.schedule, found!.failure, { maxSteps: 1 });
    const looping = await repeatTail(scenario, random, {});
    const token = encodeToken(scenario, looping!.schedule);
    expect(encodeToken(scenario, random.schedule).length).toBeGreaterThan(800);
    expect(token.length).toBeLessThan(100);
    expect(await replay(token, () => scenario)).toMatchObject({
      verdict: 'violated',
      failure: random.failure,
      cost: looping!.cost,
    });
    expect(await repeatTail(scenario, looping!, {})).toBeNull();
    expect(await repeatTail(scenario, random, { stop: ABORTED })).toBeNull();
    const report = await check(scenario, { seed: 1, strategy: findStrategy('random')!, withinMs: 6_000 });
    expect(report.violations[0]!.token.length).toBeLessThan(200);
  });
});
