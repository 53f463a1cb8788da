/**
 * How large counterexamples are before and after shrinking, over all known bugs, and beside the smallest that `explore` finds. Prints the
 * figures of docs/decisions/0008-shrink-stories.md.
 *
 * SIZES_ONLY: a part of the ids, to measure only those.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { recordRun } from '../../src/check/attempt.ts';
import { type Cost, costOf, isLess } from '../../src/check/counterexample.ts';
import { search, shrink } from '../../src/check/index.ts';
import { exploreLevels } from '../../src/explore/index.ts';
import { ReplayedChoices } from '../../src/run/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

const SEED = 1;
const PARTS = ['contenders', 'faults', 'switches', 'steps'] as const;
const only = process.env.SIZES_ONLY ?? '';
const violated = SCENARIOS.filter(({ id, expects }) => expects === 'violation' && id.includes(only));

interface Size {
  readonly id: string;
  readonly before: Cost;
  readonly after: Cost;
  readonly seconds: number;
  readonly isCutShort: boolean;
}

const sizes: Size[] = [];
const beside: { readonly id: string; readonly check: Cost; readonly explore: Cost }[] = [];

afterAll(() => {
  const sum = (costs: readonly Cost[]): string =>
    PARTS.map((part) => `${costs.reduce((total, cost) => total + cost[part], 0)} ${part}`).join(', ');
  const seconds = sizes.reduce((total, size) => total + size.seconds, 0);
  const slowest = sizes.reduce((most, size) => Math.max(most, size.seconds), 0);
  console.log(
    [
      `${sizes.length} counterexamples of seed ${SEED}, ${sizes.filter(({ isCutShort }) => isCutShort).length} cut short`,
      `before: ${sum(sizes.map(({ before }) => before))}`,
      `after:  ${sum(sizes.map(({ after }) => after))}`,
      `${seconds.toFixed(1)} s in all, ${slowest.toFixed(1)} s at most`,
      ...beside.map(({ id, check, explore }) => `${id}: ${sum([check])}; explore: ${sum([explore])}`),
    ].join('\n'),
  );
});

describe('shrinking makes no counterexample larger', () => {
  it.each(violated.map((scenario) => [scenario.id, scenario] as const))(
    '%s',
    async (id, scenario) => {
      const { found } = await search(scenario, { seed: SEED, runs: 2_000 });
      const { run } = await recordRun(scenario, new ReplayedChoices(found!.schedule));
      const before = costOf(run);
      const begunAt = performance.now();
      const { cost, cutShort } = await shrink(scenario, found!.schedule, found!.failure);
      const seconds = (performance.now() - begunAt) / 1000;
      sizes.push({ id, before, after: cost, seconds, isCutShort: cutShort !== null });
      expect(isLess(before, cost)).toBe(false);
    },
    600_000,
  );
});

/** Complete within seconds. */
const SMALL = ['model/naive/cold-start', 'model/naive/stale-lock', 'model/naive/lost-metadata'];

describe('a counterexample is as small as the smallest that explore finds', () => {
  it.each(
    violated.filter(({ id }) => SMALL.includes(id)).map((scenario) => [scenario.id, scenario] as const),
  )(
    '%s',
    async (id, scenario) => {
      const { found } = await search(scenario, { seed: SEED });
      const { cost } = await shrink(scenario, found!.schedule, found!.failure);
      const [smallest] = (await exploreLevels(scenario, { budgetMs: 300_000 })).violations;
      beside.push({ id, check: cost, explore: smallest! });
      expect(cost.contenders).toBeLessThanOrEqual(smallest!.contenders);
      expect(cost.faults).toBeLessThanOrEqual(smallest!.faults);
      expect(cost.switches).toBeLessThanOrEqual(smallest!.switches);
      expect(cost.steps).toBeLessThanOrEqual(smallest!.steps * 1.1);
    },
    600_000,
  );
});
