import { describe, expect, it } from 'vitest';
import { replay } from '../../src/check/index.ts';
import { assertHolds, ScheduleError, scheduleArbitrary } from '../../src/fast-check/index.ts';
import { plannedFaults } from '../../src/scenario/index.ts';
import { mostOf } from '../../src/scenario/run-bounds.ts';
import { CHOICE_KINDS } from '../../src/sim/index.ts';
import fc from '../fc.ts';
import { find } from '../properties/property.ts';
import { faultsThatNeverStrike } from './strikes.ts';

const coldStart = find('model/naive/cold-start');
const sound = find('model/lock/cold-start');
const stormy = find('model/owner/bad-weather');

const found = fc.check(
  fc.asyncProperty(scheduleArbitrary(coldStart), (schedule) => assertHolds(coldStart, schedule)),
  { seed: 1, numRuns: 300 },
);

describe('the schedules of a scenario', () => {
  it('find the cold-start race of the naive lock, and shrink to a few choices that are not the default', async () => {
    const { failed, counterexample } = await found;
    expect(failed).toBe(true);
    const [schedule] = counterexample!;
    const deviations = CHOICE_KINDS.flatMap((kind) => schedule[kind].filter((choice) => choice !== 0));
    expect(deviations.length).toBeLessThanOrEqual(4);
  });

  it('find no violation of the sound lock', async () => {
    await fc.assert(
      fc.asyncProperty(scheduleArbitrary(sound), (schedule) => assertHolds(sound, schedule)),
      { numRuns: 30 },
    );
  });

  it('have each fault of the scenario, and none more often than it may strike', () => {
    // In the order in which schedules number them.
    const names = plannedFaults(stormy);
    const seen = new Set<number>();
    for (const { fault } of fc.sample(scheduleArbitrary(stormy), { seed: 1, numRuns: 200 })) {
      for (const choice of fault) if (choice > 0) seen.add(choice);
      for (const [i, name] of names.entries())
        expect(fault.filter((choice) => choice === i + 1).length, name).toBeLessThanOrEqual(
          mostOf(stormy, name),
        );
    }
    expect([...seen].sort()).toEqual(names.map((_, i) => i + 1));
  });

  it('have no fault where the scenario has none', () => {
    for (const { fault } of fc.sample(scheduleArbitrary(coldStart), { seed: 1, numRuns: 50 }))
      expect(fault).toEqual([]);
  });

  it.each(['model/owner/lost-metadata', 'model/owner/bad-weather', 'model/owner/pid-reuse'])(
    'let each fault of %s strike',
    async (id) => {
      expect(await faultsThatNeverStrike(find(id), 100)).toEqual([]);
    },
  );

  it('are bounded by maxLength', () => {
    const few = scheduleArbitrary(stormy, { maxLength: 10 });
    for (const schedule of fc.sample(few, { seed: 1, numRuns: 100 }))
      for (const kind of CHOICE_KINDS.filter((each) => each !== 'fault'))
        expect(schedule[kind].length).toBeLessThanOrEqual(10);
  });

  it('say what they cannot use', () => {
    expect(() => scheduleArbitrary({ ...sound, id: 'x' })).toThrow(
      'scheduleArbitrary: got a copy of a scenario',
    );
    expect(() => scheduleArbitrary(sound, { maxLength: 0.5 })).toThrow(
      'maxLength: got 0.5: expected a whole number',
    );
    expect(() => scheduleArbitrary(sound, { most: 1 } as object)).toThrow(
      '"most" is not an option; accepted: maxLength',
    );
  });
});

describe('a counterexample', () => {
  it('has the timeline in its message, and a token that shows the same', async () => {
    const { errorInstance } = await found;
    const { message, token, invariant } = errorInstance as ScheduleError;
    expect(message).toContain('model/naive/cold-start: "at most one owner" is violated');
    expect(message).toMatch(/▶ .*★ own/);
    expect(message).toContain(`again: replay('${token}', () => scenario)`);
    const { failure, misfit } = await replay(token, () => coldStart);
    expect(failure?.invariant).toBe(invariant);
    expect(misfit).toBeNull();
  });

  it('is printed as a token instead of its choices', async () => {
    const { counterexample } = await found;
    expect(fc.stringify(counterexample)).toMatch(/^\[os[12]:model\/naive\/cold-start:[\w:-]+\]$/);
  });

  it('names the replay command of the file that exports the scenario', async () => {
    const { counterexample } = await found;
    const failing = assertHolds(coldStart, counterexample![0], { from: 'races/lock.mjs' });
    await expect(failing).rejects.toThrow(/again: npx one-survivor replay os1:\S+ --from races\/lock.mjs/);
  });

  it('counts even where a violation is expected', async () => {
    const { counterexample } = await found;
    expect(coldStart.expects).toBe('violation');
    await expect(assertHolds(coldStart, counterexample![0])).rejects.toBeInstanceOf(ScheduleError);
  });
});
