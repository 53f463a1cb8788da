import type { MutantResult } from '../mutation/index.ts';
import { printable } from './escape.ts';
import { toJson } from './json.ts';
import { count } from './numbers.ts';
import { replayCommand } from './report.ts';
import type { TableOptions } from './table.ts';
import { wrap } from './wrap.ts';

export interface MutantsReport {
  /** Of one-survivor. */
  readonly version: string;
  readonly seed: number;
  /** Of each scenario, at most. */
  readonly runs: number;
  readonly hunted: readonly MutantResult[];
  /** Guards that were to be taken away, and that nobody came to any more. */
  readonly left: readonly string[];
  readonly interrupted: boolean;
}

const DEFAULT_WIDTH = 100;

/** 0: every guard is missed when it is gone. */
export function exitCodeOfMutants({ hunted, interrupted }: MutantsReport): number {
  if (interrupted) return 130;
  return hunted.every(({ killed }) => killed) ? 0 : 1;
}

export function mutantsJson({ hunted }: MutantsReport): string {
  return toJson(hunted);
}

export function mutantsHeading(
  { version, seed, runs }: Pick<MutantsReport, 'version' | 'seed' | 'runs'>,
  guards: number,
  { colors }: TableOptions,
): string {
  const facts = [count(guards, 'guard'), `seed ${seed}`, `${count(runs, 'run')} per scenario at most`];
  return `${colors.bold(printable(`one-survivor ${version}`))}  ${colors.dim(facts.join(' · '))}`;
}

/** For each guard who notices that it is gone, and how to see it. */
export function mutantsText(report: MutantsReport, options: TableOptions): string {
  const { hunted, left, interrupted } = report;
  const { dim, yellow, green, red } = options.colors;
  const survivors = hunted.filter(({ killed }) => !killed);
  const parts = hunted.map((one) => lines(one, options).join('\n'));
  if (left.length > 0) parts.push(dim(`not taken away: ${left.map(printable).join(', ')}`));
  const killed = hunted.length - survivors.length;
  const all = hunted.length + left.length;
  // After an interruption nothing can be said of all.
  const allKilled = interrupted
    ? yellow(`${hunted.length} of ${count(all, 'mutant')} tried${killed > 0 ? ', each of them killed' : ''}`)
    : green(`✓ all of ${count(hunted.length, 'mutant')} killed`);
  parts.push(
    survivors.length === 0
      ? allKilled
      : red(
          `✗ ${killed} of ${count(hunted.length, 'mutant')} killed; ${survivors.map(({ guard }) => guard).join(', ')}: removed, and no scenario failed`,
        ),
  );
  if (interrupted) parts.push(yellow('interrupted: this is what is known so far'));
  return parts.join('\n\n');
}

function lines({ guard, killed, by, runs }: MutantResult, { colors, width = DEFAULT_WIDTH }: TableOptions) {
  const { bold, dim, green, red } = colors;
  if (!killed || by === null) {
    return [`${red('✗')} ${bold(printable(guard))} survives ${count(runs, 'run')}`];
  }
  const found = `${by.scenario}, run ${runs}: ${by.invariant}`;
  return [
    `${green('✓')} ${bold(printable(guard))}`,
    ...wrap(printable(found), width - 4, { indent: 0, most: 3 }).map((line) => `    ${line}`),
    ...wrap(printable(by.message), width - 4, { indent: 0, most: 3 }).map((line) => dim(`    ${line}`)),
    dim(`    ${replayCommand(by.token, null, guard)}`),
  ];
}
