import { printable } from './escape.ts';
import { toJson } from './json.ts';
import { kindOf, problemOf } from './problem.ts';
import { type CheckedScenario, type CheckReport, replayCommand } from './report.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const HOME = 'https://www.npmjs.com/package/one-survivor';

/**
 * The report of a check as SARIF 2.1.0, the format of code scanning: a result for each violation, and for each scenario without a
 * conclusion. A rule is an invariant, or a kind of problem. Scenarios that are as expected have no result.
 */
export function sarif(report: CheckReport): string {
  const { version, seed, strategy, node, interrupted } = report;
  const results = report.scenarios.filter(({ ok }) => !ok).flatMap(resultsOf);
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))];
  return toJson({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'one-survivor',
            ...{ version, informationUri: HOME },
            rules: rules.map((id) => ({ id, shortDescription: { text: id } })),
          },
        },
        invocations: [{ executionSuccessful: !interrupted, properties: { seed, strategy, node } }],
        columnKind: 'utf16CodeUnits',
        results: results.map((result) => ({ ...result, ruleIndex: rules.indexOf(result.ruleId) })),
      },
    ],
  });
}

function resultsOf(scenario: CheckedScenario) {
  const { evidence, verdict, from, mutant } = scenario;
  if (verdict !== 'violated' || evidence.length === 0) {
    const { type, message } = problemOf(scenario);
    return [resultOf(scenario, type, message, null)];
  }
  return evidence.map(({ invariant, message, token }) =>
    resultOf(scenario, invariant ?? verdict, message ?? verdict, replayCommand(token, from, mutant)),
  );
}

function resultOf(scenario: CheckedScenario, rule: string, message: string, again: string | null) {
  const { id, verdict } = scenario;
  const text = `${id}: ${message}${again === null ? '' : `\nagain: ${again}`}`;
  return {
    ruleId: printable(rule),
    level: kindOf(scenario) === 'failure' || verdict === 'nondeterministic' ? 'error' : 'warning',
    message: { text: text.split('\n').map(printable).join('\n') },
    locations: [locationOf(scenario)],
    // The same violation has another token in each run.
    partialFingerprints: { 'scenarioAndInvariant/v1': printable(`${id} ${rule}`) },
  };
}

/** Where the scenario is declared: that of the program is only known for some violations. */
function locationOf({ id, source, from }: CheckedScenario) {
  const file = source?.file ?? from;
  return {
    ...(file !== null && {
      physicalLocation: {
        artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
        region: { startLine: source?.line ?? 1 },
      },
    }),
    logicalLocations: [{ fullyQualifiedName: printable(id), kind: 'module' }],
  };
}
