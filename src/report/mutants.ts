import type { MutantResult } from '../mutation/index.ts';
import { count } from '../scenario/wording.ts';
import { printable } from './escape.ts';
import { toJson } from './json.ts';
import { replayCommand } from './report.ts';
import type { TableOptions } from './table.ts';
import { wrap } from './wrap.ts';

export interface MutantsReport {
  /** The version of one-survivor. */
  readonly version: string;
  readonly seed: number;
  /** The maximum number of runs per scenario. */
  readonly runs: number;
  readonly results: readonly MutantResult[];
  /** The names of mutants that were not run because of an interruption. */
  readonly left: readonly string[];
  readonly interrupted: boolean;
}

const DEFAULT_WIDTH = 100;

/** 0 if all mutants are killed. */
export function exitCodeOfMutants({
  results,
  interrupted,
}: {
  readonly results: readonly { readonly killed: boolean }[];
  readonly interrupted: boolean;
}): number {
  if (interrupted) return 130;
  return results.every(({ killed }) => killed) ? 0 : 1;
}

export function mutantsJson({ results }: MutantsReport): string {
  return toJson(results.map(({ mutant, ...result }) => ({ guard: mutant, ...result })));
}

export function mutantsHeading(
  { version, seed, runs }: Pick<MutantsReport, 'version' | 'seed' | 'runs'>,
  mutants: number,
  { colors }: TableOptions,
): string {
  const facts = [count(mutants, 'mutant'), `seed ${seed}`, `at most ${count(runs, 'run')} per scenario`];
  return `${colors.bold(printable(`one-survivor ${version}`))}  ${colors.dim(facts.join(' · '))}`;
}

/** For each mutant, which scenario and invariant kill it, and how to see it. */
export function mutantsText(report: MutantsReport, options: TableOptions): string {
  const { results, left, interrupted } = report;
  const { dim, yellow, green, red } = options.colors;
  const survivors = results.filter(({ killed }) => !killed);
  const parts = results.map((one) => lines(one, options).join('\n'));
  if (left.length > 0) parts.push(dim(`not tried: ${left.map(printable).join(', ')}`));
  const killed = results.length - survivors.length;
  const all = results.length + left.length;
  // After an interruption, not all mutants were tried.
  const allKilled = interrupted
    ? yellow(`${results.length} of ${count(all, 'mutant')} tried${killed > 0 ? ', all of them killed' : ''}`)
    : green(`✓ all of ${count(results.length, 'mutant')} killed`);
  parts.push(
    survivors.length === 0
      ? allKilled
      : red(
          `✗ ${killed} of ${count(results.length, 'mutant')} killed; ${survivors.map(({ mutant }) => mutant).join(', ')}: no scenario failed`,
        ),
  );
  if (interrupted) parts.push(yellow('interrupted: results so far'));
  return parts.join('\n\n');
}

function lines({ mutant, killed, by, runs }: MutantResult, { colors, width = DEFAULT_WIDTH }: TableOptions) {
  const { bold, dim, green, red } = colors;
  if (!killed || by === null) {
    return [`${red('✗')} ${bold(printable(mutant))} survives ${count(runs, 'run')}`];
  }
  const found = `${by.scenario}, run ${runs}: ${by.invariant}`;
  return [
    `${green('✓')} ${bold(printable(mutant))}`,
    ...wrap(printable(found), width - 4, { indent: 0, most: 3 }).map((line) => `    ${line}`),
    ...wrap(printable(by.message), width - 4, { indent: 0, most: 3 }).map((line) => dim(`    ${line}`)),
    dim(`    ${replayCommand(by.token, null, mutant)}`),
  ];
}
