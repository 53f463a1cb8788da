/** What `tokens update` and `tokens prune` print. */
import { printable } from '../report/index.ts';
import { toJson } from '../report/json.ts';
import type { TableOptions } from '../report/table.ts';
import { count } from '../scenario/wording.ts';
import type { TokenOutcome } from './maintain-tokens.ts';

export interface TokensReport {
  /** The version of one-survivor. */
  readonly version: string;
  readonly command: 'update' | 'prune';
  readonly dryRun: boolean;
  readonly interrupted: boolean;
  readonly tokens: readonly TokenOutcome[];
}

type Status = TokenOutcome['status'];

/** In the order of the last line. */
const STATUSES: readonly Status[] = [
  ...(['kept', 'updated', 'outdated', 'removed'] as const),
  ...(['not found', 'undecided', 'not loaded', 'unreadable'] as const),
];
const BAD: readonly Status[] = ['not found', 'undecided', 'unreadable'];

const HOW = {
  token: 'its token still shows it',
  log: 'found by following the log of its actions',
  search: 'found by a search around the log of its actions',
} as const;

/** 130 after an interruption, 1 if a violation was not found again or is not decided, otherwise 0. */
export function exitCodeOfTokens({ interrupted, tokens }: TokensReport): number {
  if (interrupted) return 130;
  return tokens.some(({ status }) => BAD.includes(status)) ? 1 : 0;
}

export function tokensJson(report: TokensReport): string {
  const { version, command, dryRun, interrupted, tokens } = report;
  return toJson({ version, command, dryRun, ok: exitCodeOfTokens(report) === 0, interrupted, tokens });
}

/**
 * For each token what became of it; at the end, how many there are of each kind.
 *
 * @param quiet leaves out tokens that are kept or not loaded
 */
export function tokensText(report: TokensReport, options: TableOptions, quiet = false): string {
  const { tokens, interrupted } = report;
  const { yellow } = options.colors;
  if (tokens.length === 0) return 'there are no recorded tokens';
  const shown = tokens.filter(({ status }) => !quiet || (status !== 'kept' && status !== 'not loaded'));
  const parts = shown.map((each) => lines(each, report, options).join('\n'));
  const numbers = STATUSES.map((status) => ({
    status: wouldBe(status, report.dryRun),
    n: tokens.filter((each) => each.status === status).length,
  }));
  const known = numbers.filter(({ n }) => n > 0).map(({ status, n }) => `${n} ${status}`);
  const advice = adviceOf(report);
  return [
    ...parts,
    known.join(', ') + (report.dryRun ? ' (dry run: nothing was changed)' : ''),
    ...(advice === null ? [] : [advice]),
    ...(interrupted ? [yellow('interrupted: results so far')] : []),
  ].join('\n');
}

function lines(
  { status, scenario, invariant, file, newFile, otherFile, by, cost, reason }: TokenOutcome,
  { dryRun }: TokensReport,
  { colors }: TableOptions,
): string[] {
  const { bold, dim, green, red, yellow } = colors;
  const sign = BAD.includes(status)
    ? red('✗')
    : status === 'kept' || status === 'updated'
      ? green('✓')
      : yellow('·');
  const title = scenario === null ? file : `${scenario}: ${invariant}`;
  const size =
    cost === null
      ? ''
      : `, in ${count(cost.contenders, 'process', 'processes')}, ${count(cost.faults, 'fault')}, ${count(cost.steps, 'step')}`;
  const details = [
    ...(by === null ? [] : [`${HOW[by]}${size}`]),
    ...(reason === null ? [] : [reason]),
    ...(otherFile === null ? [] : [`the other one is recorded in ${otherFile}`]),
    ...(scenario === null ? [] : [newFile === null || newFile === file ? file : `${file} → ${newFile}`]),
  ];
  return [
    `${sign} ${bold(printable(title))}  ${wouldBe(status, dryRun)}`,
    ...details.map((line) => dim(`    ${printable(line)}`)),
  ];
}

/** In a dry run, nothing is updated or removed. */
function wouldBe(status: Status, dryRun: boolean): string {
  return dryRun && (status === 'updated' || status === 'removed') ? `would be ${status}` : status;
}

/** What to do next, if anything. */
function adviceOf({ tokens, command }: TokensReport): string | null {
  const has = (status: Status): boolean => tokens.some((each) => each.status === status);
  if (has('not found'))
    return 'Not found: if the bug is fixed, keep the token as long as check --strict passes; if it does not, remove it with npx one-survivor tokens prune. If the bug is not fixed, check the scenario again';
  if (has('outdated') && command === 'prune')
    return 'Outdated: their violations still occur. Record them anew with npx one-survivor tokens update';
  if (has('not loaded'))
    return 'Not loaded: left alone. Name the files of their scenarios, or add them to the config';
  return null;
}
