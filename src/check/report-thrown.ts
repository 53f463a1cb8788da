/** The report of a check that ended with an exception. */
import { NO_COVERAGE } from '../run/coverage.ts';
import type { Scenario } from '../scenario/options.ts';
import { describeThrown, type Thrown } from '../scenario/thrown.ts';

/** The report of a check that ended with an exception before anything was known. */
export function reportThrown({ id, expects }: Pick<Scenario, 'id' | 'expects'>, error: Thrown) {
  return {
    id,
    expects,
    verdict: 'inconclusive',
    ok: false,
    runs: 0,
    steps: 0,
    seconds: 0,
    firstViolationAtRun: null,
    violations: [],
    ...NO_COVERAGE,
    ...{ omitted: [], assumed: [], bounds: null },
    reason: `the check threw ${describeThrown(error)}`,
    error,
  } as const;
}
