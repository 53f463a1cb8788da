import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/explore/index.ts';
import { NotMemoizable } from '../../../src/explore/memo/detached-program.ts';
import { fingerprintOfSummary } from '../../../src/explore/memo/history-fingerprint.ts';
import { SUMMARIES_ASSUMED } from '../../../src/explore/memo/memo-node.ts';
import { MemoTable } from '../../../src/explore/memo/memo-table.ts';
import { OpenEpisodes, whyNotPlain } from '../../../src/explore/memo/open-summaries.ts';
import { inMacrotask } from '../../../src/host/index.ts';
import type { Program } from '../../../src/ports/index.ts';
import { always, ScenarioError, type ScenarioOptions, scenario } from '../../../src/scenario/index.ts';
import { StringInterner } from '../../../src/sim/index.ts';

describe('episodes that are open', () => {
  it('count when nothing else is under way where they begin and end', () => {
    const open = new OpenEpisodes();
    const outer = open.begin(1, false);
    const inner = open.begin(4, false);
    expect(open.look(inner, false)).toEqual({ at: 1, counts: true });
    expect(open.end(inner)).toBe(1);
    expect(open.look(outer, false)).toEqual({ at: 0, counts: true });
    expect(outer.ordinal).toBe(1);
  });

  it('do not count when something is: then, or within an outer one', () => {
    const open = new OpenEpisodes();
    const outer = open.begin(1, false);
    expect(open.look(outer, true).counts).toBe(false);
    // A process that is under way has not begun in it.
    expect(open.look(outer, false).counts).toBe(true);
    const inner = open.begin(2, true);
    expect(open.look(inner, false).counts).toBe(false);
    open.end(inner);
    expect(open.look(outer, false).counts).toBe(false);
  });

  it('do not count when two are open side by side, though nothing is under way at that moment', () => {
    const open = new OpenEpisodes();
    const first = open.begin(1, false);
    const second = open.begin(1, false);
    expect(open.look(first, false)).toEqual({ at: 0, counts: false });
    expect(open.end(first)).toBe(0);
    expect(open.look(second, false)).toEqual({ at: 0, counts: false });
  });
});

it('what is kept of an episode has another name in another episode, at another depth, of another value, in another lap, and when it is over', () => {
  const texts = new StringInterner();
  const begun = { name: { a: 1, b: 2, c: 3, d: 4 }, iterations: 0 };
  const keeps = { kind: 'keeps', at: 0, value: null, over: false, ordinal: 1 } as const;
  const names = [
    fingerprintOfSummary(begun, keeps, texts),
    fingerprintOfSummary({ name: { a: 1, b: 3, c: 3, d: 4 }, iterations: 0 }, keeps, texts),
    fingerprintOfSummary({ ...begun, iterations: 1 }, keeps, texts),
    fingerprintOfSummary(begun, { ...keeps, at: 1 }, texts),
    fingerprintOfSummary(begun, { ...keeps, value: undefined }, texts),
    fingerprintOfSummary(begun, { ...keeps, value: 0 }, texts),
    fingerprintOfSummary(begun, { ...keeps, value: [] }, texts),
    fingerprintOfSummary(begun, { ...keeps, over: true }, texts),
  ];
  expect(new Set(names.map(({ a, b, c, d }) => `${a} ${b} ${c} ${d}`)).size).toBe(names.length);
});

describe('what is kept', () => {
  it.each([[null], [undefined], ['text'], [true], [-1.5], [[1, { a: [null, 'b'] }]], [{}]])(
    'may be %j',
    (kept) => {
      expect(whyNotPlain(kept)).toBeNull();
    },
  );

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [12n, '12'],
    [new Map(), 'a Map'],
    [{ deep: [new Date(0)] }, 'a Date'],
    [Object.create(null), 'a thing'],
    [new (class Owner {})(), 'a Owner'],
  ])('is refused when it is %s', (kept, got) => {
    expect(whyNotPlain(kept)).toBe(
      `an episode keeps ${got}: expected plain data (texts, finite numbers, booleans, null, arrays, objects); say what matters of it as the second argument of summarize()`,
    );
  });

  it('ends the search when it is no plain data, whatever the program makes of that', async () => {
    const program: Program = async ({ summarize, fs }) => {
      await summarize(async () => new Set(await fs.readdir('/'))).catch(() => {});
    };
    await expect(explore(pair(program))).rejects.toThrow(
      new ScenarioError(`explore/episodes/pair: ${whyNotPlain(new Set())}`),
    );
  });
});

describe('what programs do, remembered', () => {
  const LIE = new NotMemoizable('the same results made a program do two things');

  /** Keeps which time it was, and says that it keeps nothing. What it does next shows nothing of it; what comes then does. */
  const liar: Program = async ({ summarize, clock, mark }) => {
    let time = 0;
    await summarize(
      async () => {
        time = await clock.monotonicMs();
      },
      () => null,
    );
    await clock.wallMs();
    if (time === 2) mark('two');
    await clock.wallMs();
  };

  it('joins two ways to the result of an episode', () =>
    inMacrotask(() => {
      const histories = new MemoTable(new StringInterner(), 100, true);
      const begun = histories.begin('liar', liar, []);
      const [one, two] = [1, 2].map((time) => histories.learn(begun, 1, time));
      expect(two).not.toBe(one);
      expect([two!.name, two!.canonical]).toEqual([one!.name, one]);
      expect(histories.merged).toBe(1);
    }));

  it('finds a lie when what follows is learned', () =>
    inMacrotask(() => {
      const histories = new MemoTable(new StringInterner(), 100, true);
      const begun = histories.begin('liar', liar, []);
      const [one] = [1, 2].map((time) => histories.learn(begun, 1, time));
      expect(() => histories.learn(one!, 1, 7)).toThrow(LIE);
    }));

  it('finds a lie when what follows is known already', () =>
    inMacrotask(() => {
      const histories = new MemoTable(new StringInterner(), 100, true);
      const begun = histories.begin('liar', liar, []);
      histories.learn(histories.learn(begun, 1, 1), 1, 7);
      expect(() => histories.learn(begun, 1, 2)).toThrow(LIE);
    }));

  it('finds a lie when a program is started again', () =>
    inMacrotask(() => {
      const histories = new MemoTable(new StringInterner(), 100, true);
      const begun = histories.begin('liar', liar, []);
      const one = histories.learn(begun, 1, 1);
      one.evict();
      histories.learn(begun, 1, 2).canonical.evict();
      const next = histories.learn(one, 1, 7);
      next.evict();
      expect(() => histories.learn(next, 3, 8)).toThrow(LIE);
    }));
});

/** Two of a program, and a directory that both look at. */
function pair(program: Program, rest: Partial<ScenarioOptions> = {}) {
  return scenario({
    id: 'explore/episodes/pair',
    programs: { program },
    start: [{ program: 'program', count: 2 }],
    machine: { files: { '/d': null }, operationUs: 0, busyMs: 0, inodes: 'by-creator' },
    invariants: [
      always('no process is second', ({ marks }) => (marks.get('second') === undefined ? null : 'one is'), {
        when: 'change',
      }),
    ],
    ...rest,
  });
}

describe('explore', () => {
  it('forgets how an episode came to its result', async () => {
    // Each listing has four results, and none of them matters.
    const looker: Program = async ({ summarize, fs }) => {
      await fs.writeFile('/d/one', '').catch(() => {});
      for (let i = 0; i < 3; i++)
        await summarize(async () => {
          await fs.readdir('/d');
          await fs.unlink('/d/one').catch(() => {});
        });
    };
    const [told, whole] = await Promise.all(
      [true, false].map((episodes) => explore(pair(looker), { episodes, reduceOrders: false })),
    );
    expect(told).toMatchObject({ complete: true, verdict: 'passed' });
    expect(whole).toMatchObject({ complete: true, verdict: 'passed' });
    expect(told!.states).toBeLessThan(whole!.states / 2);
    expect(told!.assumed).toContain(SUMMARIES_ASSUMED);
    expect(whole!.assumed).not.toContain(SUMMARIES_ASSUMED);
  });

  it('forgets what was seen in a loop, but not how often it went round: one without an end is found', async () => {
    const rounds = (most: number): Program => {
      return async ({ summarize, fs }) => {
        await summarize(async (keeps) => {
          for (let round = 0; round < most; round++) {
            keeps(null);
            await fs.unlink('/d/one').catch(() => {});
            await fs.writeFile('/d/one', '', { flag: 'wx' }).catch(() => {});
          }
        });
      };
    };
    const [told, whole] = await Promise.all(
      [true, false].map((episodes) => explore(pair(rounds(3)), { episodes, reduceOrders: false })),
    );
    expect(told).toMatchObject({ complete: true, verdict: 'passed' });
    expect(whole).toMatchObject({ complete: true, verdict: 'passed' });
    expect(told!.states).toBeLessThan(whole!.states / 2);
    const endless = await explore(pair(rounds(Number.POSITIVE_INFINITY), { maxSteps: 2_000 }));
    expect(endless.violations.map(({ invariant }) => invariant)).toEqual([
      'a run ends within its step bound',
    ]);
  });

  it('finds what a program does that keeps more of an episode than it says', async () => {
    const liar: Program = async ({ summarize, fs, mark }) => {
      let first = true;
      await summarize(
        () => fs.writeFile('/d/one', '', { flag: 'wx' }).catch(() => (first = false)),
        () => null,
      );
      await fs.stat('/d');
      if (!first) mark('second');
    };
    const report = await explore(pair(liar));
    expect(report.violations.map(({ invariant }) => invariant)).toEqual(['no process is second']);
    // It is remembered all the same, only without episodes.
    expect(report.histories).toBeGreaterThan(0);
    expect(report.assumed).not.toContain(SUMMARIES_ASSUMED);
  });
});
