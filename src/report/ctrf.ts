import { printable } from './escape.ts';
import { toJson } from './json.ts';
import { problemOf } from './problem.ts';
import type { CheckedScenario, CheckReport } from './report.ts';

/** When a check was made, in milliseconds since 1970. */
export interface Times {
  readonly startMs: number;
  readonly stopMs: number;
}

/**
 * The report of a check in the Common Test Report Format, with a test for each scenario.
 *
 * @see https://ctrf.io
 */
export function ctrf(report: CheckReport, { startMs, stopMs }: Times): string {
  const { scenarios, left, version, seed, strategy, node, shard } = report;
  const tests = [
    ...scenarios.map(testOf),
    ...left.map((id) => ({ ...nameOf(id), status: 'skipped', duration: 0 })),
  ];
  const count = (status: string): number => tests.filter((test) => test.status === status).length;
  return toJson({
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    generatedBy: 'one-survivor',
    results: {
      tool: { name: 'one-survivor', version },
      summary: {
        tests: tests.length,
        ...{ passed: count('passed'), failed: count('failed'), skipped: count('skipped') },
        ...{ pending: 0, other: count('other') },
        ...{ start: Math.round(startMs), stop: Math.round(stopMs) },
      },
      tests,
      environment: { extra: { seed, strategy, node, shard } },
    },
  });
}

function testOf(scenario: CheckedScenario) {
  const { id, ok, verdict, expects, seconds, runs, source, from, evidence } = scenario;
  const file = source?.file ?? from;
  const common = {
    ...nameOf(id),
    // Without a conclusion, it has neither passed nor failed.
    status: ok ? 'passed' : verdict === 'violated' || verdict === 'passed' ? 'failed' : 'other',
    duration: Math.round(seconds * 1_000),
    rawStatus: verdict,
    ...(file !== null && { filePath: printable(file) }),
    ...(source !== undefined && { line: source.line }),
    extra: { expects, runs, tokens: evidence.map(({ token }) => token) },
  };
  if (ok) return common;
  const { message, text } = problemOf(scenario);
  return { ...common, message: printable(message), trace: text };
}

/** `openchrome/before/cold-start`: the test `cold-start` of the suites `openchrome` and `before`. */
function nameOf(id: string): { name: string; suite?: string[] } {
  const words = id.split('/').map(printable);
  return words.length > 1 ? { name: words.at(-1)!, suite: words.slice(0, -1) } : { name: printable(id) };
}
