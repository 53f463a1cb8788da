import type { Cost } from '../check/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { PLAIN } from './colors.ts';
import { printable } from './escape.ts';
import { count } from './numbers.ts';
import type { Evidence } from './report.ts';
import { timeline } from './timeline.ts';

/** A known bug, and a run that shows it. */
export interface Finding {
  readonly scenario: Pick<Scenario, 'id' | 'about' | 'remedy'>;
  readonly evidence: Evidence;
  readonly cost: Cost;
}

const PAGE_WIDTH = 116;
/** Of a long run the middle is left out. */
const MOST_EVENTS = 36;

/** A page of all findings, by system: what happens, how, the token, what would mend it. */
export function findingsPage(findings: readonly Finding[], systems: readonly string[]): string {
  const parts = systems.map((system) => {
    const own = findings.filter(({ scenario }) => scenario.id.startsWith(`${system}/`));
    return [`## ${system}`, ...own.map(section)].join('\n\n');
  });
  const contents = systems.map((system) => {
    const own = findings.filter(({ scenario }) => scenario.id.startsWith(`${system}/`));
    return `- ${system}: ${own.map(({ scenario }) => `[${nameOf(scenario.id)}](#${anchorOf(scenario.id)})`).join(', ')}`;
  });
  return `${[
    '# Findings',
    `What is still wrong in the five systems after their fixes: ${findings.length} runs that end badly, each found by search from a
seed, made as small as can be, and replayed by its token. This page is generated (\`npm run findings\`). A simulation shows
that something can happen, not how often it does.`,
    contents.join('\n'),
    ...parts,
  ].join('\n\n')}\n`;
}

/** A table of known bugs: what, how little it takes, and the token. */
export function findingsTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ scenario, evidence, cost }) => {
    const cells = [
      `\`${scenario.id}\``,
      printable(scenario.about),
      `${cost.contenders}, ${cost.faults}, ${cost.switches}`,
      `\`${evidence.token}\``,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| scenario | bug | processes, faults, switches | token |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** Where a program of ours crashes is in the sources or in what was built of them: the page is the same for both. */
function withoutPlaces(evidence: Evidence): Evidence {
  return { ...evidence, message: evidence.message?.replace(/, at (?:src|dist)\/\S+$/, '') ?? null };
}

function section({ scenario, evidence, cost }: Finding): string {
  const size = [
    count(cost.contenders, 'process', 'processes'),
    count(cost.faults, 'fault'),
    count(cost.switches, 'switch', 'switches'),
    count(cost.steps, 'step'),
  ].join(', ');
  return [
    `### ${scenario.id}`,
    `${sentence(scenario.about)} Violated: *${printable(evidence.invariant ?? '')}* (${size}).`,
    [
      '```text',
      timeline(withoutPlaces(evidence), { colors: PLAIN, width: PAGE_WIDTH, most: MOST_EVENTS }),
      '```',
    ].join('\n'),
    `Again: \`npx one-survivor replay ${evidence.token}\``,
    ...(scenario.remedy === '' ? [] : [`What would mend it: ${sentence(scenario.remedy)}`]),
  ].join('\n\n');
}

function sentence(text: string): string {
  const whole = printable(text);
  const begun = whole.charAt(0).toUpperCase() + whole.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

function nameOf(id: string): string {
  return id.split('/').at(-1)!;
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');
}
