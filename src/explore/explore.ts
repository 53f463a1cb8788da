import { check, type ScenarioReport } from '../check/index.ts';
import { gapsOf } from '../run/index.ts';
import { isBounded, runBoundsOf, type Scenario } from '../scenario/index.ts';
import { checkExplore } from './accepted-options.ts';
import type { ExploreOptions, ExploreReport } from './options.ts';
import { Search } from './search.ts';
import { judge } from './verdict.ts';

/**
 * Tries every schedule of a scenario: every order of operations, every fault at every point, every choice that the machine leaves
 * open. Ends at the first run that violates an invariant, and shrinks it. A state that was reached before is not explored again;
 * how that and the reduction of orders work is in docs/how-explore-works.md.
 *
 * The scenario should be small: see `bounded`; or see `exploreLevels`, which looks for bounds that fit a budget.
 *
 * @throws TypeError when it is not given a scenario, or an option that it does not know, or one of another type
 * @throws RangeError when a number among the options makes no sense
 * @throws ScenarioError when a program keeps of an episode what is no plain data
 */
export async function explore(scenario: Scenario, options: ExploreOptions = {}): Promise<ExploreReport> {
  return (await exploreTimed(scenario, options)).report;
}

/** The same, and how long the search took alone: without the look for memory that processes share, which loads the scenario several times. */
export async function exploreTimed(
  scenario: Scenario,
  options: ExploreOptions,
): Promise<{ readonly report: ExploreReport; readonly searchMs: number }> {
  checkExplore(scenario, options);
  let searchMs = 0;
  const exploration = new Search(scenario, options);
  const { signal, budgetMs, isolation, allowOmitted = false } = options;
  const report = await check(scenario, {
    seed: 0,
    bounded: true,
    range: { from: 0, to: Number.POSITIVE_INFINITY },
    ...(isolation !== undefined && { isolation }),
    ...(signal !== undefined && { signal }),
    ...(budgetMs !== undefined && { budgetMs }),
    search: async (_, checkOptions) => {
      const begunAt = performance.now();
      const found = await exploration.search(checkOptions);
      searchMs = performance.now() - begunAt;
      return found;
    },
  });
  const { executions, transitions: edges, states, histories } = exploration;
  const complete = exploration.isComplete && report.violations.length === 0;
  const explored: ExploreReport = {
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
  return { report: explored, searchMs };
}

/** No violation was found: what that means depends on how far the search went. */
export function isOpen({ verdict, error }: ScenarioReport): boolean {
  return (verdict === 'passed' || verdict === 'inconclusive') && error === undefined;
}

/** Whether anything happened that invariants check, or none of them requires anything. */
export function isExercised({ sometimes, exercised }: ScenarioReport): boolean {
  const counts = [...Object.values(sometimes), ...exercised.map(({ runs }) => runs)];
  return counts.length === 0 || counts.some((runs) => runs > 0);
}
