/** The report of a check as a page, with the runs of its violations. */
import { count } from '../../scenario/wording.ts';
import { PLAIN } from '../colors.ts';
import { limitsOf } from '../limits.ts';
import {
  breakCommand,
  type CheckedScenario,
  type CheckReport,
  type Evidence,
  exitCodeOf,
  replayCommand,
} from '../report.ts';
import type { PageReport, PageScenario, PageTrace } from './data.ts';
import { pageTrace } from './trace.ts';

/** The runs of violations, by token. */
export type RunsOf = ReadonlyMap<string, readonly PageTrace[]>;

/** A browser takes seconds to read a page that is larger. Chosen by hand. */
const MOST_CHARACTERS = 40_000_000;

/**
 * @param recorded what was recorded; other runs are shown without the state of the machine
 * @param mostCharacters with more characters of JSON, further runs are left out
 */
export function pageReport(
  report: CheckReport,
  recorded: RunsOf,
  mostCharacters = MOST_CHARACTERS,
): { readonly page: PageReport; readonly runs: readonly (readonly PageTrace[])[] } {
  const runs: (readonly PageTrace[])[] = [];
  let characters = 0;
  const numberOf = (traces: readonly PageTrace[]): number | null => {
    characters += JSON.stringify(traces).length;
    return characters > mostCharacters ? null : runs.push(traces) - 1;
  };
  const page = {
    ok: exitCodeOf(report) === 0,
    interrupted: report.interrupted,
    facts: factsOf(report),
    limits: limitsOf(report.scenarios, { colors: PLAIN, width: Number.POSITIVE_INFINITY }),
    scenarios: report.scenarios.map((scenario) => scenarioOf(scenario, recorded, numberOf)),
    left: report.left,
  };
  return { page, runs };
}

function factsOf({ version, node, seed, strategy, runs, budgetMs, shard }: CheckReport): string[] {
  return [
    `seed ${seed}`,
    `strategy ${strategy}`,
    ...(runs === null ? [] : [`${count(runs, 'run')} per scenario`]),
    ...(budgetMs === null ? [] : [`${count(budgetMs / 1_000, 'second')} in all`]),
    ...(shard === null ? [] : [`shard ${shard.index}/${shard.of}`]),
    `one-survivor ${version}`,
    `node ${node}`,
  ];
}

function scenarioOf(
  scenario: CheckedScenario,
  recorded: RunsOf,
  numberOf: (traces: readonly PageTrace[]) => number | null,
): PageScenario {
  const { id, expects, verdict, ok, runs, steps, seconds, firstViolationAtRun, reason, from, mutant } =
    scenario;
  const { omitted, notes = [], skipped = [], changed = [] } = scenario;
  return {
    ...{ id, expects, verdict, ok, runs, steps, seconds, firstViolationAtRun, reason },
    notes: [...omitted.map((what) => `omitted: ${what}`), ...notes, ...skipped, ...changed],
    reached: [
      ...Object.entries(scenario.sometimes),
      ...scenario.exercised.map(
        ({ invariant, requires, runs }) => [`${invariant}: ${requires}`, runs] as const,
      ),
    ],
    violations: scenario.violations.map(
      ({ invariant, message, token, contenders, faults, switches, steps }, i) => {
        const evidence = scenario.evidence[i];
        const command = replayCommand(token, from, mutant);
        const traces =
          recorded.get(token) ?? (evidence === undefined ? null : [eventsOnly(evidence, scenario)]);
        return {
          ...{ invariant, message, command },
          size: [
            count(contenders, 'process', 'processes'),
            count(faults, 'fault'),
            count(switches, 'switch', 'switches'),
            count(steps, 'step'),
          ].join(', '),
          run: traces === null ? null : numberOf(traces),
        };
      },
    ),
  };
}

/** A run of which only the events are known, for example because it is from the report of a shard. */
function eventsOnly(evidence: Evidence, { from, mutant }: CheckedScenario): PageTrace {
  const command = replayCommand(evidence.token, from, mutant);
  const { events, notes } = evidence;
  const note =
    'this report has only the events of the run: for the state of the machine, run the command with --html';
  return pageTrace(
    { ...evidence, notes: [...notes, note] },
    { events, frames: [], frameOf: events.map(() => -1), failure: null, spans: [], invariants: [] },
    { command, breakCommand: breakCommand(evidence.token, from, mutant), readSource: () => null },
  );
}
