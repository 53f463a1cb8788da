// Compares `explore` with plain enumeration on many generated models, and shrinks a model on which they differ.

import { holdGuards } from '../../../src/host/index.ts';
import type { OperationName } from '../../../src/ports/index.ts';
import fc from '../../fc.ts';
import { modelsOf } from './arbitrary.ts';
import { compare, differenceOf } from './compare.ts';
import { type Model, scenarioOf } from './model.ts';

export interface CampaignOptions {
  /** How many models are compared. */
  readonly count: number;
  readonly seed: number;
  /** How large models are, see {@link modelsOf}. Default: 60. */
  readonly maxSchedules?: number;
  /** Called now and then with the number of models compared so far. */
  readonly onProgress?: (compared: number) => void;
}

export interface CampaignResult {
  readonly compared: number;
  /** How many models plain enumeration could not finish; others took their place. */
  readonly tooLarge: number;
  readonly plainExecutions: number;
  readonly reducedExecutions: number;
  /** How many models can end in several ways, or violate an invariant. */
  readonly withSeveralOutcomes: number;
  readonly violated: number;
  /** The operations that processes of the models have requested. */
  readonly operations: ReadonlySet<string>;
  /** The faults that have struck. */
  readonly struck: ReadonlySet<string>;
  /** In words, each with its shrunk model. */
  readonly differences: readonly string[];
}

const DEFAULT_MAX_SCHEDULES = 60;
/** Each chunk has a seed of its own, so that a difference is found again in a short time. */
const CHUNK = 100;
/** Plain enumeration gives up at so many times the estimate. */
const EXECUTIONS_FOR_ESTIMATE = 3;

export async function compareModels(options: CampaignOptions): Promise<CampaignResult> {
  const { count, seed, maxSchedules = DEFAULT_MAX_SCHEDULES, onProgress } = options;
  const counts = { compared: 0, tooLarge: 0, plainExecutions: 0, reducedExecutions: 0 };
  let withSeveralOutcomes = 0;
  let violated = 0;
  const operations = new Set<OperationName>();
  const struck = new Set<string>();
  const differences: string[] = [];
  let isShrinking = false;
  const property = fc.asyncProperty(modelsOf(maxSchedules), async (model: Model) => {
    const scenario = scenarioOf(model, (name) => operations.add(name));
    const comparison = await compare(scenario, EXECUTIONS_FOR_ESTIMATE * maxSchedules);
    if (comparison === null && !isShrinking) counts.tooLarge++;
    fc.pre(comparison !== null);
    const difference = differenceOf(comparison);
    if (isShrinking) return fail(difference);
    const { plain, reduced } = comparison;
    counts.compared++;
    counts.plainExecutions += plain.report.executions;
    counts.reducedExecutions += reduced.report.executions;
    if (plain.report.violations.length > 0) violated++;
    if (plain.found.length > 1 || plain.report.violations.length > 0) withSeveralOutcomes++;
    for (const [name, times] of Object.entries(reduced.report.struck)) if (times > 0) struck.add(name);
    if (difference !== null) isShrinking = true;
    fail(difference);
  });
  // To install them for each of so many short searches would take longer than the searches.
  const release = holdGuards();
  try {
    for (let chunk = 0; counts.compared < count; chunk++) {
      const numRuns = Math.min(CHUNK, count - counts.compared);
      const { failed, counterexample, errorInstance } = await fc.check(property, {
        seed: (Math.imul(seed, 1_000_003) + chunk) | 0,
        ...{ numRuns, maxSkipsPerRun: 1_000 },
      });
      isShrinking = false;
      if (failed) {
        const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
        differences.push(`seed ${seed}, chunk ${chunk}: ${what} in ${JSON.stringify(counterexample?.[0])}`);
      }
      onProgress?.(counts.compared);
    }
  } finally {
    release();
  }
  return { ...counts, withSeveralOutcomes, violated, operations, struck, differences };
}

function fail(difference: string | null): void {
  if (difference !== null) throw new Error(difference);
}
