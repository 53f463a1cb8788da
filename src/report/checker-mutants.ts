/** The report of `mutants --of checker`. */
import type { CheckerMutantResult } from '../mutation/index.ts';
import { count } from '../scenario/wording.ts';
import { printable } from './escape.ts';
import { toJson } from './json.ts';
import type { TableOptions } from './table.ts';
import { wrap } from './wrap.ts';

export interface CheckerMutantsReport {
  /** The version of one-survivor. */
  readonly version: string;
  readonly results: readonly CheckerMutantResult[];
  /** The names of mutants that were not run because of an interruption. */
  readonly left: readonly string[];
  readonly interrupted: boolean;
}

const DEFAULT_WIDTH = 100;

/** As that of the protocol, as far as the two are alike. */
export function checkerMutantsJson({ results }: CheckerMutantsReport): string {
  return toJson(
    results.map(({ mutant, about, source, killed, test, message, seconds }) => ({
      guard: mutant,
      about,
      file: source,
      killed,
      by: killed ? { test, message } : null,
      survives: killed ? null : { test, why: message },
      seconds,
    })),
  );
}

export function checkerMutantsHeading(version: string, mutants: number, { colors }: TableOptions): string {
  const facts = [`${count(mutants, 'mutant')} of the checker`, 'one test each'];
  return `${colors.bold(printable(`one-survivor ${version}`))}  ${colors.dim(facts.join(' · '))}`;
}

/** For each mutant, which test kills it, and with which failed assertion. */
export function checkerMutantsText(report: CheckerMutantsReport, options: TableOptions): string {
  const { results, left, interrupted } = report;
  const { dim, yellow, green, red } = options.colors;
  const parts = results.map((one) => lines(one, options).join('\n'));
  if (left.length > 0) parts.push(dim(`not tried: ${left.map(printable).join(', ')}`));
  const survivors = results.filter(({ killed }) => !killed);
  const all = count(results.length + left.length, 'mutant');
  if (survivors.length > 0) {
    const names = survivors.map(({ mutant }) => mutant).join(', ');
    parts.push(red(`✗ ${results.length - survivors.length} of ${all} killed; ${names}: no assertion failed`));
  } else if (interrupted) parts.push(yellow(`${results.length} of ${all} tried`));
  else parts.push(green(`✓ all of ${all} killed`));
  if (interrupted) parts.push(yellow('interrupted: results so far'));
  return parts.join('\n\n');
}

function lines(
  { mutant, killed, source, test, message }: CheckerMutantResult,
  { colors, width = DEFAULT_WIDTH }: TableOptions,
): string[] {
  const { bold, dim, green, red } = colors;
  const wrapped = (text: string): string[] =>
    wrap(printable(text), width - 4, { indent: 0, most: 3 }).map((line) => `    ${line}`);
  return [
    `${killed ? green('✓') : red('✗')} ${bold(printable(mutant))} (${source})`,
    ...wrapped(test),
    ...wrapped(killed ? message : `survives: ${message}`).map(dim),
  ];
}
