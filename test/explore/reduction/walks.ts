// Random walks through the states of many scenarios, for tests of what holds in every state.

import { operation } from '../../../src/explore/dfs/decision.ts';
import { DfsRun } from '../../../src/explore/dfs/dfs-run.ts';
import { StepChoices } from '../../../src/explore/dfs/step-choices.ts';
import { MemoTable } from '../../../src/explore/memo/memo-table.ts';
import { bounded, type Scenario } from '../../../src/scenario/index.ts';
import { type AccessLog, StringInterner } from '../../../src/sim/index.ts';
import { SCENARIOS } from '../../../src/systems/index.ts';
import fc from '../../fc.ts';
import { modelsOf } from '../models/arbitrary.ts';
import { scenarioOf as modelScenario } from '../models/model.ts';
import { scenarioOf, tiny } from '../tiny.ts';

/** A run in its first state. Decisions are executed one by one, and it can go back. No fault strikes. */
export function runThroughStates(scenario: Scenario, log: AccessLog): DfsRun {
  const texts = new StringInterner();
  const choices = new StepChoices();
  choices.begin(operation(0));
  const memo = new MemoTable(texts, 10_000, false);
  const { cells } = log;
  return new DfsRun({ scenario, texts, cells, log, maxFaults: 0, memo, onEnd: () => {} }, choices);
}

/** Numbers from 0 to 2^29, always the same for a seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) >>> 3;
  };
}

const tinies = fc
  .sample(tiny, { numRuns: 150, seed: 3 })
  .map(({ way: _, ...model }) => scenarioOf({ ...model, kills: 0, stops: 0, losses: 0, way: 'plain' }));
const locks = SCENARIOS.filter(({ id }) => /^(?:model|naive)\//.test(id)).flatMap((scenario) => {
  try {
    return [bounded(scenario, { contenders: 2, crashes: 0, stops: 0, losses: 0, busyMs: 0 })];
  } catch {
    // Its script needs all of its processes.
    return [];
  }
});

const models = fc
  .sample(modelsOf(2_000), { numRuns: 250, seed: 3 })
  .map((model) => modelScenario({ ...model, fault: null }));

/** Some scenarios, with a name. */
type Sample = readonly [name: string, scenarios: readonly Scenario[]];

export const PROGRAMS: Sample = ['generated programs', tinies];
export const MODELS: Sample = ['generated models', models];
export const LOCKS: Sample = ['the scenarios of the model', locks];
