import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replaySchedule } from '../../src/check/index.ts';
import { executeOne, ReplayedChoices, Run, type Schedule } from '../../src/run/index.ts';
import { scheduleArbitrary } from '../../src/schedule/arbitrary.ts';
import { CHOICE_KINDS } from '../../src/sim/index.ts';
import { MODEL } from '../../src/systems/model/scenarios.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';

const coldStart = NAIVE.find(({ id }) => id === 'model/naive/cold-start')!;
const sound = MODEL.find(({ id }) => id === 'model/lock/cold-start')!;

const deviations = (schedule: Schedule) =>
  CHOICE_KINDS.flatMap((concern) => schedule[concern].filter((choice) => choice !== 0)).length;

describe('scheduleArbitrary', () => {
  it('finds the cold start of the naive lock, and shrinks it to a few choices that are not dull', async () => {
    const property = fc.asyncProperty(scheduleArbitrary(), async (schedule) => {
      const failure = await executeOne(new Run(coldStart, new ReplayedChoices(schedule)));
      return failure === null;
    });
    const { failed, counterexample } = await fc.check(property, { seed: 1, numRuns: 300 });
    expect(failed).toBe(true);
    const [schedule] = counterexample!;
    expect(deviations(schedule)).toBeLessThanOrEqual(3);
    const again = await replaySchedule(coldStart, schedule);
    expect(again.failure?.invariant).toBe('at most one owner');
  });

  it('finds nothing wrong with the sound lock', async () => {
    await fc.assert(
      fc.asyncProperty(scheduleArbitrary(), async (schedule) => {
        expect(await executeOne(new Run(sound, new ReplayedChoices(schedule)))).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it('gives choices that can mostly be had', async () => {
    let fitting = 0;
    const samples = fc.sample(scheduleArbitrary(), { seed: 2, numRuns: 50 });
    for (const schedule of samples) {
      const choices = new ReplayedChoices({ ...schedule, target: [] });
      await executeOne(new Run(coldStart, choices));
      if (choices.misfit === null || choices.misfit.index > 2) fitting++;
    }
    expect(fitting).toBeGreaterThan(samples.length / 2);
  });
});
