import { printable } from './escape.ts';
import { kindOf, problemOf } from './problem.ts';
import type { CheckedScenario, CheckReport } from './report.ts';

/**
 * The report of a check as JUnit XML, with a test case for each scenario. It follows the strictest schema of CI systems,
 * Jenkins' junit-10.xsd, in which only a `testsuite` counts skipped tests.
 */
export function junit(report: CheckReport): string {
  const { scenarios, left, seed, strategy, version } = report;
  const failures = scenarios.filter((scenario) => !scenario.ok && kindOf(scenario) === 'failure').length;
  const errors = scenarios.filter((scenario) => !scenario.ok && kindOf(scenario) === 'error').length;
  const seconds = scenarios.reduce((sum, scenario) => sum + scenario.seconds, 0).toFixed(3);
  const tests = scenarios.length + left.length;
  const counts = attributes({ tests, failures, errors, time: seconds });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="one-survivor"${counts}>`,
    `  <testsuite name="one-survivor"${counts}${attributes({ skipped: left.length })}>`,
    '    <properties>',
    ...Object.entries({ seed, strategy, version }).map(
      ([name, value]) => `      <property${attributes({ name, value })}/>`,
    ),
    '    </properties>',
    ...scenarios.map(testCase),
    ...left.map((id) => `    <testcase${attributes({ ...nameOf(id), time: '0.000' })}><skipped/></testcase>`),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(scenario: CheckedScenario): string {
  const { id, ok, seconds } = scenario;
  const head = `    <testcase${attributes({ ...nameOf(id), time: seconds.toFixed(3) })}`;
  if (ok) return `${head}/>`;
  const { type, message, text } = problemOf(scenario);
  const kind = kindOf(scenario);
  return `${head}>\n      <${kind}${attributes({ type, message })}>${xml(text)}</${kind}>\n    </testcase>`;
}

/** `openchrome/before/cold-start`: the test `cold-start` of the class `openchrome.before`. */
function nameOf(id: string): { classname: string; name: string } {
  const words = id.split('/');
  return { classname: words.slice(0, -1).join('.'), name: words.at(-1) ?? id };
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(printable(String(value)))}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Escapes text for XML. Characters that XML does not allow become U+FFFD. */
function xml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!).replace(/[\ufffe\uffff]/g, '\ufffd');
}
