import { describe, expect, it } from 'vitest';
import { check, criticalOf, replay, replaySchedule } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { BUILT_IN, emptySchedule } from '../../src/run/index.ts';
import { always, type Scenario } from '../../src/scenario/index.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { scenarioOf } from './helpers.ts';

function find(id: string): Scenario {
  return SCENARIOS.find((scenario) => scenario.id === id)!;
}

describe('the critical swap', () => {
  it.each(['never-yields', 'hung-invariant'] as const)('is not searched: %s', async (name) => {
    let starts = 0;
    const counted = scenarioOf({ program: async () => void starts++ });
    const again = await replaySchedule(counted, emptySchedule());
    starts = 0;
    const failure = { invariant: BUILT_IN[name], message: '' };
    expect(await criticalOf({ ...again, failure })).toBeNull();
    expect(starts).toBe(0);
  });

  it('of the naive lock is that one contender reads the file before the other has written it', async () => {
    const naive = find('model/naive/cold-start');
    const { violations } = await check(naive, { seed: 1, runs: 1_000 });
    const { token, critical } = violations[0]!;
    expect(critical).not.toBeNull();
    const failing = await replay(token, () => naive);
    const at = (step: number) =>
      failing.events.filter((event) => event.step === step).map(({ op, result }) => [op, result]);
    expect(at(critical!.first.step)).toContainEqual(['read', '']);
    expect(at(critical!.second.step)).toContainEqual(['write', 4]);
    const passing = await replay(critical!.passing, () => naive);
    expect(passing.verdict).toBe('passed');
    // The same, up to the first of the two events.
    const before = failing.events.filter(({ step }) => step < critical!.first.step);
    expect(passing.events.slice(0, before.length)).toEqual(before);
  });

  it('does not exist if nothing is violated', async () => {
    const guarded = find('faults/guarded/kill');
    const token = encodeToken(guarded, emptySchedule());
    expect(await criticalOf(await replay(token, () => guarded))).toBeNull();
  });

  it('does not exist if the elapsed time decides', async () => {
    const slow: Program = async ({ clock, mark }) => {
      const beforeMs = await clock.monotonicMs();
      if ((await clock.monotonicMs()) - beforeMs > 5) mark('late');
    };
    const waits: Program = async ({ clock }) => clock.sleep(10);
    const inTime = always('in time', ({ marks }) => (marks.has('late') ? 'late' : null));
    const scenario = scenarioOf({ slow, waits }, { machine: { busyMs: 50 }, invariants: [inTime] });
    const { violations } = await check(scenario, { seed: 1 });
    expect(violations).toMatchObject([{ invariant: 'in time', critical: null }]);
  });
});
