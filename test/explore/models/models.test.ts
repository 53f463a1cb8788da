// `explore` is compared with plain enumeration on small generated models over the whole operation table.
// More of them: `npm run models -- --count 50000`.

import { expect, it } from 'vitest';
import { FAULT_NAMES, OPERATION_NAMES } from '../../../src/sim/index.ts';
import fc from '../../fc.ts';
import { FAULTS, modelsOf } from './arbitrary.ts';
import { compareModels } from './campaign.ts';
import { STEPS } from './steps.ts';

const MODELS = 500;
const SEED = 1;

it(`explore agrees with plain enumeration on ${MODELS} generated models of every operation and every fault`, async () => {
  const result = await compareModels({ count: MODELS, seed: SEED });
  expect(result.differences).toEqual([]);
  expect(result.compared).toBe(MODELS);
  // It would prove nothing if nothing were left out, or if no order made a difference.
  expect(result.reducedExecutions).toBeLessThan(result.plainExecutions / 4);
  expect(result.withSeveralOutcomes).toBeGreaterThan(MODELS / 4);
  expect(OPERATION_NAMES.filter((name) => !result.operations.has(name))).toEqual([]);
  expect(Object.keys(FAULTS).filter((name) => !result.struck.has(name))).toEqual([]);
}, 600_000);

it('has a step for each row of the operation table, and each fault but the one whose states are not compared', () => {
  expect(FAULT_NAMES.filter((name) => !(name in FAULTS))).toEqual(['power-cut']);
  const names = fc
    .sample(modelsOf(1_000), { numRuns: 3_000, seed: SEED })
    .flatMap(({ processes }) => processes.flatMap(({ steps }) => steps.map(({ does }) => does)));
  expect(Object.keys(STEPS).filter((name) => !(names as string[]).includes(name))).toEqual([]);
});
