import { PLAIN } from './colors.ts';
import { printable } from './escape.ts';
import { whole } from './numbers.ts';
import { type CheckedScenario, type CheckReport, replayCommand } from './report.ts';
import { timeline } from './timeline.ts';

/** GitHub takes no larger summary of a step. */
const SUMMARY_BYTES = 1024 * 1024;

/** Annotations for GitHub Actions: one for each scenario that is not as expected, and one for an interruption. */
export function githubAnnotations({ scenarios, interrupted, seed }: CheckReport): string {
  const lines = scenarios
    .filter(({ ok }) => !ok)
    .map((scenario) => {
      const { id, from, verdict } = scenario;
      const level = verdict === 'inconclusive' ? 'warning' : 'error';
      return command(
        level,
        { title: printable(id), ...(from !== null && { file: printable(from) }) },
        problemOf(scenario),
      );
    });
  if (interrupted) lines.push(command('warning', { title: 'one-survivor' }, `interrupted · seed ${seed}`));
  return lines.map((line) => `${line}\n`).join('');
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
      ({ id, expects, verdict, ok, runs, firstViolationAtRun: first }) =>
        `| ${markdown(id)} | ${expects} | ${ok ? '✅' : '❌'} ${verdict} | ${whole(runs)} | ${first === null ? '' : `run ${whole(first)}`} |`,
    ),
    '',
    `Seed \`${seed}\`.${interrupted ? ' Interrupted.' : ''}${left.length > 0 ? ` Not run: ${left.map(markdown).join(', ')}.` : ''}`,
    '',
  ].join('\n');
  return fill(
    head,
    scenarios.filter(({ ok }) => !ok),
    room,
  );
}

function section(scenario: CheckedScenario): string {
  const { id, from, evidence } = scenario;
  const parts = [`### ${markdown(id)}`, '', markdown(problemOf(scenario)), ''];
  for (const each of evidence) {
    parts.push(fenced(timeline(each, { colors: PLAIN })), '', fenced(replayCommand(each.token, from)), '');
  }
  return parts.join('\n');
}

function problemOf({ verdict, why, runs, evidence }: CheckedScenario): string {
  if (verdict === 'passed') return `expects a violation, and none was found in ${runs} runs`;
  const [first] = evidence;
  if (verdict === 'violated' && first !== undefined) {
    return printable(`${first.invariant}: ${first.message} (replay ${first.token})`);
  }
  return printable(`${verdict}: ${why ?? ''}`);
}

/** As many sections as there is room for; a line says how many there are more. */
function fill(head: string, scenarios: readonly CheckedScenario[], room: number): string {
  const more = (n: number): string => `\n${n} more not as expected: see the log, there is no room here.\n`;
  let left = room - sizeOf(head) - sizeOf(more(scenarios.length));
  if (left < 0) return '';
  const parts = [head];
  for (const [i, scenario] of scenarios.entries()) {
    const next = `\n${section(scenario)}`;
    left -= sizeOf(next);
    if (left < 0) return [...parts, more(scenarios.length - i)].join('');
    parts.push(next);
  }
  return parts.join('');
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A code block that its content cannot end. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
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
