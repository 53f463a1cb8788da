// The search leaves out runs. In generated models it must reach what plain enumeration reaches.

import { describe, expect, it } from 'vitest';
import fc from '../fc.ts';
import { outcomes, reaches } from './outcomes.ts';
import { scenarioOf, type Tiny, tiny } from './tiny.ts';

export interface GeneratedOptions {
  /** How many models are compared. */
  readonly models: number;
  /** How many with a bound on preemptions. */
  readonly boundedModels: number;
  /** Of plain enumeration; larger models are left out. */
  readonly mostExecutions: number;
}

export function testGenerated({ models, boundedModels, mostExecutions }: GeneratedOptions): void {
  describe('explore', () => {
    it(`reaches in ${models} generated models exactly the outcomes that plain enumeration reaches`, async () => {
      let reduced = 0;
      let plain = 0;
      await fc.assert(
        fc.asyncProperty(tiny, async (model) => {
          const all = await outcomes(scenarioOf(model), { reduce: false, maxExecutions: mostExecutions });
          fc.pre(all.report.complete);
          reduced += await reaches(model, all.found);
          plain += all.report.executions;
        }),
        { numRuns: models, seed: 7 },
      );
      // It would prove nothing if nothing were left out.
      expect(reduced).toBeLessThan(plain / 3);
    }, 600_000);

    it(`misses no outcome of ${models} generated models whose programs keep more of an episode than they say`, async () => {
      let believed = 0;
      await fc.assert(
        fc.asyncProperty(tiny, async (any) => {
          const model: Tiny = { ...any, way: 'lies' };
          const all = await outcomes(scenarioOf(model), { reduce: false, maxExecutions: mostExecutions });
          fc.pre(all.report.complete);
          const some = await outcomes(scenarioOf(model), {});
          expect(some.found).toEqual(expect.arrayContaining(all.found));
          if (some.report.assumed.some((said) => said.startsWith('programs keep of a summary'))) believed++;
        }),
        { numRuns: models, seed: 11 },
      );
      // Where a lie makes no difference nothing shows it.
      expect(believed).toBeLessThan(models / 20);
    }, 600_000);

    it(`reaches in ${boundedModels} generated models the same outcomes within a bound on preemptions, reduced or not`, async () => {
      await fc.assert(
        fc.asyncProperty(tiny, fc.constantFrom(0, 1), async (model, preemptions) => {
          const all = await outcomes(scenarioOf(model), {
            reduce: false,
            preemptions,
            maxExecutions: mostExecutions,
          });
          fc.pre(all.report.complete);
          const some = await outcomes(scenarioOf(model), { preemptions });
          expect(some.found).toEqual(all.found);
        }),
        { numRuns: boundedModels, seed: 5 },
      );
    }, 600_000);
  });
}
