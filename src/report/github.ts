import { whole } from '../scenario/wording.ts';
import { PLAIN } from './colors.ts';
import { printable } from './escape.ts';
import { mermaid } from './mermaid.ts';
import { type CheckedScenario, type CheckReport, replayCommand } from './report.ts';
import { firstViolationOf } from './table.ts';
import { timeline } from './timeline.ts';

/**
 * The maximum size of the summary of a step, in bytes; GitHub drops a larger one completely.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
 */
export const SUMMARY_BYTES = 1024 * 1024;

/** Annotations for GitHub Actions: one for each scenario that failed, and one for an interruption. */
export function githubAnnotations({ scenarios, interrupted, seed }: CheckReport): string {
  const lines = scenarios
    .filter(({ ok }) => !ok)
    .map((scenario) => {
      const { id, from, source, verdict, mutant, evidence, error } = scenario;
      const again =
        evidence[0] === undefined
          ? ''
          : `\nagain: ${printable(replayCommand(evidence[0].token, from, mutant))}`;
      const level = verdict === 'inconclusive' && error === undefined ? 'warning' : 'error';
      return command(
        level,
        { title: printable(id), ...placeOf(source, from) },
        `${problemOf(scenario)}${again}`,
      );
    });
  if (interrupted) lines.push(command('warning', { title: 'one-survivor' }, `interrupted · seed ${seed}`));
  return lines.map((line) => `${line}\n`).join('');
}

/** The location of an annotation; GitHub requires a path relative to the root of the repository. */
function placeOf(
  source: CheckedScenario['source'],
  from: CheckedScenario['from'],
): Readonly<Record<string, string>> {
  if (source !== undefined) return { file: printable(source.file), line: `${source.line}` };
  return from === null ? {} : { file: printable(from) };
}

/** The report in Markdown for the summary of a step, at most `room` bytes. */
export function githubSummary(report: CheckReport, room = SUMMARY_BYTES): string {
  const { scenarios, left, seed, interrupted } = report;
  const head = [
    '## one-survivor',
    '',
    '| scenario | expects | verdict | runs | first violation |',
    '| --- | --- | --- | ---: | ---: |',
    ...scenarios.map(
      (scenario) =>
        `| ${markdown(scenario.id)} | ${scenario.expects} | ${scenario.ok ? '✅' : '❌'} ${scenario.verdict} | ${whole(scenario.runs)} | ${firstViolationOf(scenario)} |`,
    ),
    '',
    `Seed \`${seed}\`.${interrupted ? ' Interrupted.' : ''}${left.length > 0 ? ` Not run: ${left.map(markdown).join(', ')}.` : ''}`,
    '',
  ].join('\n');
  // Expected violations are not shown, unless only one scenario was checked.
  const alone = scenarios.length === 1;
  const shown = scenarios.filter(({ ok, evidence }) => !ok || (alone && evidence.length > 0));
  return fill(head, shown, room);
}

/** The reason, the counterexample as a diagram, the command to replay it, and all steps, collapsed. */
function section(scenario: CheckedScenario): string {
  const { from, mutant, evidence } = scenario;
  const parts = [titleOf(scenario)];
  for (const each of evidence) {
    parts.push(
      ...each.notes.map((note) => `Note: ${markdown(note)}.`),
      fenced(mermaid(each), 'mermaid'),
      fenced(replayCommand(each.token, from, mutant), 'sh'),
      '<details><summary>every step</summary>',
      fenced(timeline(each, { colors: PLAIN })),
      '</details>',
    );
  }
  return `${parts.join('\n\n')}\n`;
}

/** The same without diagram and steps. */
function shortSection(scenario: CheckedScenario): string {
  const { from, mutant, evidence } = scenario;
  const commands = evidence.map(({ token }) => fenced(replayCommand(token, from, mutant), 'sh'));
  return `${[titleOf(scenario), ...commands].join('\n\n')}\n`;
}

function titleOf(scenario: CheckedScenario): string {
  return `### ${markdown(scenario.id)}\n\n${markdown(problemOf(scenario))}`;
}

function problemOf({ verdict, reason, runs, evidence }: CheckedScenario): string {
  if (verdict === 'passed') return `expects a violation, and none was found in ${runs} runs`;
  const [first] = evidence;
  if (verdict === 'violated' && first !== undefined) {
    return printable(`${first.invariant}: ${first.message}`);
  }
  return printable(`${verdict}: ${reason ?? ''}`);
}

/** As many sections as fit, in short form if necessary, and a line with the number of omitted ones. */
function fill(head: string, scenarios: readonly CheckedScenario[], room: number): string {
  const more = (n: number): string => `\n${n} more are in the log: the summary is full.\n`;
  let left = room - sizeOf(head) - sizeOf(more(scenarios.length));
  if (left < 0) return '';
  const parts = [head];
  for (const [i, scenario] of scenarios.entries()) {
    const next = [section, shortSection]
      .map((form) => `\n${form(scenario)}`)
      .find((text) => sizeOf(text) <= left);
    if (next === undefined) return [...parts, more(scenarios.length - i)].join('');
    left -= sizeOf(next);
    parts.push(next);
  }
  return parts.join('');
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A code block whose fence cannot occur in its content. */
function fenced(text: string, language = 'text'): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function markdown(text: string): string {
  return printable(text).replace(/[\\`*_{}[\]<>|#!&~@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function command(name: string, properties: Readonly<Record<string, string>>, message: string): string {
  const listed = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${name} ${listed.join(',')}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
