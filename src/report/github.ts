import { PLAIN } from './colors.ts';
import { printable } from './escape.ts';
import { mermaid } from './mermaid.ts';
import { whole } from './numbers.ts';
import { type CheckedScenario, type CheckReport, replayCommand } from './report.ts';
import { firstViolationOf } from './table.ts';
import { timeline } from './timeline.ts';

/**
 * What GitHub takes as the summary of one step, in bytes; a larger one is dropped whole.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
 */
export const SUMMARY_BYTES = 1024 * 1024;

/** Annotations for GitHub Actions: one for each scenario that is not as expected, and one for an interruption. */
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

/** Where in the diff it is shown; GitHub wants a path from the root of the repository. */
function placeOf(
  source: CheckedScenario['source'],
  from: CheckedScenario['from'],
): Readonly<Record<string, string>> {
  if (source !== undefined) return { file: printable(source.file), line: `${source.line}` };
  return from === null ? {} : { file: printable(from) };
}

/**
 * Text that GitHub shows and does not obey: file contents and messages in a log could hold workflow commands.
 *
 * @param token a random word that the text cannot guess
 */
export function githubInert(text: string, token: string): string {
  return `::stop-commands::${token}\n${text}${text.endsWith('\n') ? '' : '\n'}::${token}::\n`;
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
  // An expected violation is no news; but whoever asks for one scenario wants to see it.
  const alone = scenarios.length === 1;
  const told = scenarios.filter(({ ok, evidence }) => !ok || (alone && evidence.length > 0));
  return fill(head, told, room);
}

/** Why, the counterexample as a diagram, how to have it again, and every step of it for who wants to look closer. */
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

/** The same without what takes room. */
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

/** As many sections as there is room for, in short where they do not fit; a line says how many there are more. */
function fill(head: string, scenarios: readonly CheckedScenario[], room: number): string {
  const more = (n: number): string => `\n${n} more: see the log, there is no room here.\n`;
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

/** A code block that its content cannot end. */
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
