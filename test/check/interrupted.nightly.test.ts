/** Runs that are repeated and compared, one of which the watchdog interrupts: that proves nothing, and is no difference of the program. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { check, replay, replaySchedule, search, shrinkFound } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { evidenceOf, exitCodeOfReplay } from '../../src/report/index.ts';
import { BUILT_IN, ENDED_BY_REAL_TIME } from '../../src/run/index.ts';
import { emptySchedule } from '../../src/run/recorded-choices.ts';
import { always } from '../../src/scenario/index.ts';
import { scenarioOf } from './helpers.ts';

const watched = vi.hoisted(() => ({ timeouts: [] as number[] }));

vi.mock('../../src/host/watchdog.ts', async (original) => {
  const real = await original<typeof import('../../src/host/watchdog.ts')>();
  return {
    ...real,
    withWatchdog: <T>(timeoutMs: number, work: () => T): T => {
      watched.timeouts.push(timeoutMs);
      return real.withWatchdog(timeoutMs, work);
    },
  };
});

/** Long enough for what does not hang on a busy machine. */
const HANG_TIMEOUT_MS = 1_000;

/** Runs of the program from now on that hang, counted from 1, and after how many of its marks. */
let hangs = new Map<number, number>();
let runs = 0;
beforeEach(() => arm());

function arm(...these: readonly (readonly [number, number])[]): void {
  hangs = new Map(these);
  runs = 0;
}

const program: Program = async ({ fs, mark }) => {
  const hangsAfter = hangs.get(++runs);
  for (let marks = 0; marks < 3; marks++) {
    if (marks === hangsAfter) for (;;) {}
    mark(`mark ${marks}`);
    await fs.stat('/');
  }
};
const last = always('the last mark is not set', ({ marks }) => (marks.has('mark 2') ? 'it is' : null));
const passing = scenarioOf({ program });
const violated = scenarioOf({ program }, { invariants: [last] });

describe('a replay', () => {
  const replayed = (scenario = passing) => replaySchedule(scenario, emptySchedule(), HANG_TIMEOUT_MS);

  it.each([1, 2])('is inconclusive if only run %i of the two was interrupted', async (number) => {
    arm([number, 1]);
    const again = await replayed(violated);
    expect(again).toMatchObject({ verdict: 'inconclusive', failure: null, difference: null });
    expect(again.reason).toBe(ENDED_BY_REAL_TIME);
    expect(again.events.filter(({ op }) => op === 'mark')).toHaveLength(3);
    const evidence = evidenceOf(again, null);
    expect(evidence.notes).toContain(ENDED_BY_REAL_TIME);
    expect(exitCodeOfReplay(evidence)).toBe(3);
  });

  it('is inconclusive if both were interrupted at different points', async () => {
    arm([1, 1], [2, 2]);
    expect(await replayed()).toMatchObject({ verdict: 'inconclusive', failure: null });
  });

  it('violates if both were interrupted at the same point', async () => {
    arm([1, 1], [2, 1]);
    const { verdict, failure, reason } = await replayed();
    expect([verdict, failure?.invariant, reason]).toEqual(['violated', BUILT_IN['never-yields'], null]);
  });
});

describe('a check', () => {
  /** @param these the runs that hang after the search has found something */
  const checked = (these: readonly (readonly [number, number])[], hangTimeoutMs = HANG_TIMEOUT_MS) =>
    check(violated, {
      ...{ seed: 1, runs: 20, hangTimeoutMs, isolation: false },
      search: async (scenario, options) => {
        const found = await search(scenario, options);
        arm(...these);
        watched.timeouts = [];
        return found;
      },
    });

  it.each([1, 2])('is inconclusive if run %i of the replay was interrupted', async (number) => {
    const { verdict, reason, violations } = await checked([[number, 1]]);
    expect([verdict, violations]).toEqual(['inconclusive', []]);
    expect(reason).toContain(ENDED_BY_REAL_TIME);
    expect(reason).toMatch(/Run fewer other programs .*, or give check\(\) a longer hangTimeoutMs$/);
  });

  it('reports the run as it was found if its repetition to be shrunk was interrupted', async () => {
    const { verdict, violations } = await checked([[3, 1]]);
    expect([verdict, violations.length]).toEqual(['violated', 1]);
    expect(violations[0]).toMatchObject({ invariant: last.name, cutShort: ENDED_BY_REAL_TIME });
  });

  it('gives every run after the search as much time as was asked for', async () => {
    expect(await checked([], 77_777)).toMatchObject({ verdict: 'violated' });
    // Longer on a busy machine. The default is at most 40,000 there.
    expect(Math.min(...watched.timeouts)).toBeGreaterThanOrEqual(77_777);
  });

  it('says of a recorded token whose replay was interrupted that it was not judged', async () => {
    const { token } = await replaySchedule(passing, emptySchedule());
    const options = { seed: 1, runs: 3, hangTimeoutMs: HANG_TIMEOUT_MS, isolation: false as const };
    // Three runs, from which the search learns, come first.
    arm([4, 1]);
    const { verdict, skipped } = await check(passing, { ...options, recorded: [token] });
    expect(skipped).toEqual([`${token} was not judged: ${ENDED_BY_REAL_TIME}`]);
    expect(verdict).not.toBe('nondeterministic');
    expect(await replay(token, () => passing)).toMatchObject({ verdict: 'passed' });
  });
});

it('a run that is interrupted when it is to be shrunk is not shrunk', async () => {
  const failure = { invariant: last.name, message: 'it is' };
  arm([1, 1]);
  await expect(
    shrinkFound(violated, emptySchedule(), failure, { hangTimeoutMs: HANG_TIMEOUT_MS }),
  ).resolves.toBeNull();
});
