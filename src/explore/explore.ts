import { check, type ScenarioReport } from '../check/index.ts';
import { gapsOf } from '../run/index.ts';
import { checkNumbers, isBounded, runBoundsOf, type Scenario } from '../scenario/index.ts';
import { Exploration } from './exploration.ts';
import type { ExploreOptions, ExploreReport } from './options.ts';
import { judge } from './verdict.ts';

/**
 * Tries every schedule of a scenario: every order of operations, every fault at every point, every choice that the machine
 * leaves open. Ends at the first run that violates an invariant, made as small as can be. Schedules that come to the same
 * state are followed once; which states are the same, see `digestMachine`.
 *
 * The scenario should be small: see `bounded`; or see `exploreLevels`, which looks for bounds that fit a budget.
 *
 * @throws RangeError when a number among the options makes no sense
 * @throws ScenarioError when a program keeps of an episode what is no plain data
 */
export async function explore(scenario: Scenario, options: ExploreOptions = {}): Promise<ExploreReport> {
  checkNumbers(options);
  const exploration = new Exploration(scenario, options);
  const { signal, budgetMs, isolation, allowOmitted = false } = options;
  const report = await check(scenario, {
    seed: 0,
    bounded: true,
    range: { from: 0, to: Number.POSITIVE_INFINITY },
    ...(isolation !== undefined && { isolation }),
    ...(signal !== undefined && { signal }),
    ...(budgetMs !== undefined && { budgetMs }),
    search: (_, checkOptions) => exploration.search(checkOptions),
  });
  const { executions, edges, states, histories } = exploration;
  const complete = exploration.complete && report.violations.length === 0;
  return {
    ...report,
    ...(isOpen(report) &&
      judge({
        expects: scenario.expects,
        reason: complete ? null : exploration.why,
        gaps: gapsOf(report, executions),
        isExercised: isExercised(report),
        isCut: isBounded(scenario),
        allowOmitted,
      })),
    ...{ complete, executions, edges, histories },
    states: states.size,
    stateBytes: states.bytes,
    assumed: [...report.assumed, ...exploration.assumed],
    bounds: { ...runBoundsOf(scenario, report), ...exploration.bounds },
  };
}

/** Nothing was found: what that means depends on how far the search went. */
export function isOpen({ verdict, error }: ScenarioReport): boolean {
  return (verdict === 'passed' || verdict === 'inconclusive') && error === undefined;
}

/** Whether anything happened that invariants are about, or none of them requires anything. */
export function isExercised({ sometimes, exercised }: ScenarioReport): boolean {
  const counts = [...Object.values(sometimes), ...exercised.map(({ runs }) => runs)];
  return counts.length === 0 || counts.some((runs) => runs > 0);
}
