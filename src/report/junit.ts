import { PLAIN } from './colors.ts';
import { printable } from './escape.ts';
import { type CheckedScenario, type CheckReport, replayCommand } from './report.ts';
import { timeline } from './timeline.ts';

/**
 * The report of a check as JUnit XML, the way that CI systems read it: a test case for each scenario. It follows the
 * strictest of their schemas, Jenkins' junit-10.xsd, in which only a `testsuite` counts what was skipped.
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

/** An invariant is broken: a failure. The check itself could not tell: an error. */
function kindOf({ verdict }: CheckedScenario): 'failure' | 'error' {
  return verdict === 'violated' || verdict === 'passed' ? 'failure' : 'error';
}

function problemOf(scenario: CheckedScenario): { type: string; message: string; text: string } {
  const { verdict, reason, runs, from, evidence, error } = scenario;
  if (error !== undefined && evidence.length === 0) {
    const lines = [reason ?? error.message, ...(error.stack ?? [])];
    return { type: error.name, message: reason ?? error.message, text: lines.map(printable).join('\n') };
  }
  if (verdict === 'passed') {
    const message = `expects a violation, and none was found in ${runs} runs`;
    return { type: 'not violated', message, text: message };
  }
  const [first] = evidence;
  if (verdict !== 'violated' || first === undefined) {
    return { type: verdict, message: reason ?? verdict, text: printable(reason ?? verdict) };
  }
  const text = evidence
    .map((each) =>
      [
        printable(`${each.invariant}: ${each.message}`),
        '',
        timeline(each, { colors: PLAIN }),
        '',
        ...each.notes.flatMap((note) => [printable(`note: ${note}`), '']),
        replayCommand(each.token, from),
      ].join('\n'),
    )
    .join('\n\n');
  return { type: first.invariant ?? verdict, message: first.message ?? verdict, text };
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

/** Text whose lines are safe already, for XML; what XML cannot hold at all becomes U+FFFD. */
function xml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!).replace(/[\ufffe\uffff]/g, '\ufffd');
}
