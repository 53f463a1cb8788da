// More of the generated models, with another seed and more schedules each.
import { expect, it } from 'vitest';
import { compareModels } from './campaign.ts';

const MODELS = 500;

it(`explore agrees with plain enumeration on ${MODELS} more generated models`, async () => {
  const result = await compareModels({ count: MODELS, seed: 2 });
  expect(result.differences).toEqual([]);
  expect(result.compared).toBe(MODELS);
}, 1_200_000);
