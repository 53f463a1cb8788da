// Compares `explore` with plain enumeration, which executes every schedule from its beginning and compares no states.
import { type ExploreOptions, type ExploreReport, explore } from '../../../src/explore/index.ts';
import type { Run } from '../../../src/run/index.ts';
import type { Scenario } from '../../../src/scenario/index.ts';

/** What a search has found. */
export interface Outcomes {
  readonly report: ExploreReport;
  /** How runs can end, in order; one that violates an invariant ends with its name. */
  readonly found: readonly string[];
}

/** `null`: plain enumeration needs more executions than allowed. */
export type Comparison = { readonly plain: Outcomes; readonly reduced: Outcomes } | null;

/**
 * @param maxExecutions of plain enumeration
 * @param bounds of both searches
 */
export async function compare(
  scenario: Scenario,
  maxExecutions: number,
  bounds: Pick<ExploreOptions, 'preemptions'> = {},
): Promise<Comparison> {
  const plain = await outcomes(scenario, { ...bounds, reduce: false, maxExecutions });
  if (!isOver(plain)) return null;
  return { plain, reduced: await outcomes(scenario, bounds) };
}

/** In words what is wrong; `null`: they agree. */
export function differenceOf({ plain, reduced }: NonNullable<Comparison>): string | null {
  if (!isOver(reduced)) return `explore is not complete: ${reduced.report.omitted.join('; ')}`;
  const violated = verdictOf(plain);
  if (violated !== verdictOf(reduced)) {
    return `plain enumeration says ${violated}, explore ${verdictOf(reduced)}`;
  }
  // A search ends at its first violation.
  if (violated !== 'no violation') return null;
  const missed = plain.found.filter((outcome) => !reduced.found.includes(outcome));
  const invented = reduced.found.filter((outcome) => !plain.found.includes(outcome));
  if (missed.length > 0)
    return `explore misses ${missed.length} of ${plain.found.length} outcomes: ${missed[0]}`;
  return invented.length > 0 ? `explore reaches an outcome that there is not: ${invented[0]}` : null;
}

function verdictOf({ report }: Outcomes): string {
  const [violation] = report.violations;
  return violation === undefined ? 'no violation' : `a violation of "${violation.invariant}"`;
}

function isOver({ report }: Outcomes): boolean {
  return report.complete || report.violations.length > 0;
}

async function outcomes(scenario: Scenario, options: ExploreOptions): Promise<Outcomes> {
  const found = new Set<string>();
  const report = await explore(scenario, {
    isolation: false,
    allowOmitted: true,
    ...options,
    onEnd: (run) => found.add(outcomeOf(run)),
  });
  return { report, found: [...found].sort() };
}

/** What became of all processes, and what the invariants look at. */
function outcomeOf({ scenario: { invariants }, machine, world }: Run): string {
  const looksAtFiles = invariants.some(({ name }) => name.includes('files'));
  return JSON.stringify([
    looksAtFiles ? Object.entries(machine.fs.toJSON()).sort() : null,
    world.processes.map(({ name, state, exitCode, exitSignal }) => [name, state, exitCode, exitSignal]),
    world.currentClaims.map(({ process }) => process.name),
    [...world.invariantState],
  ]);
}
