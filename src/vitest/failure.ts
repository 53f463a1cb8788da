import type { Cost, ScenarioReport } from '../check/index.ts';
import { type Evidence, PLAIN, printable, timeline } from '../report/index.ts';
import { count } from '../report/numbers.ts';
import { wrap } from '../report/wrap.ts';
import { hintFor } from './hints.ts';

const WIDTH = 100;

/** What a failed race test has to tell. */
export interface Failed extends Pick<ScenarioReport, 'id' | 'expects' | 'verdict' | 'reason' | 'error'> {
  readonly cost: Cost | null;
  readonly evidence: Evidence | null;
  /** How it was found: the seed and the run, or a recorded token. */
  readonly found: string;
  /** The command that has it again; null: there is nothing to replay. */
  readonly again: string | null;
  /** What has been written down, and where; null: nothing. */
  readonly recorded: string | null;
}

/** Verdict, timeline with the two events that decide, the line to have it again, a hint. */
export function failureText(failed: Failed): string {
  const { reason, cost, evidence, found, again, recorded } = failed;
  const facts = [
    ...(evidence?.message ? [printable(evidence.message)] : []),
    ...(reason === null ? [] : [printable(reason)]),
    ...(cost === null ? [] : [sizeOf(cost)]),
    found,
  ];
  const hint =
    evidence?.invariant == null
      ? hintWithout(failed)
      : `hint: ${hintFor(evidence.invariant, evidence.message)}`;
  return [
    [headline(failed), ...facts.map((fact) => `  ${fact}`)].join('\n'),
    ...(evidence === null ? [] : [timeline(evidence, { colors: PLAIN })]),
    ...(evidence?.notes ?? []).map((note) => `  note: ${printable(note)}`),
    [
      // One line, whatever its length: to be copied.
      ...(again === null ? [] : [`  again: ${again}`]),
      ...(recorded === null ? [] : [`  ${recorded}`]),
      ...(hint === null ? [] : wrap(hint, WIDTH).map((line) => `  ${line}`)),
    ].join('\n'),
  ].join('\n\n');
}

function headline({ id, expects, verdict, evidence }: Failed): string {
  const name = printable(id);
  if (verdict === 'violated') {
    const what = `"${printable(evidence?.invariant ?? '')}" is violated`;
    return expects === 'violation' ? `${name}: ${what}, which is not what was expected` : `${name}: ${what}`;
  }
  if (verdict === 'passed') return `${name}: expects a violation, and none was found`;
  return `${name}: ${verdict}`;
}

function hintWithout({ verdict, error }: Failed): string | null {
  if (error !== undefined)
    return error.stack === undefined
      ? 'hint: outside of a run nothing may throw, such as the question of a `sometimes`'
      : `hint: the exception came from inside one-survivor. Please report it with these lines: ${error.stack.map(printable).join(' ')}`;
  switch (verdict) {
    case 'passed':
      return "hint: if the bug is fixed, set expects: 'pass'; if not, search longer (runs, budgetMs)";
    case 'inconclusive':
      return 'hint: a check proves nothing about what no run has reached. Search longer (runs, budgetMs), or change the scenario so that runs reach it';
    case 'nondeterministic':
      return 'hint: a program uses something other than its ports: the time, chance, a shared variable';
    default:
      return null;
  }
}

function sizeOf({ contenders, faults, switches, steps }: Cost): string {
  return `in ${[
    count(contenders, 'process', 'processes'),
    count(faults, 'fault'),
    count(switches, 'switch', 'switches'),
    count(steps, 'step'),
  ].join(', ')}`;
}
