/** A violation as the message of an error: for tests and properties, where no command prints a report. */
import type { Cost, ScenarioReport } from '../check/index.ts';
import { count } from '../scenario/wording.ts';
import { PLAIN } from './colors.ts';
import { printable } from './escape.ts';
import { hintFor } from './hints.ts';
import type { Evidence } from './report.ts';
import { timeline } from './timeline.ts';
import { wrap } from './wrap.ts';

const WIDTH = 100;

/** The content of the error of a failed race test. */
export interface Failed extends Pick<ScenarioReport, 'id' | 'expects' | 'verdict' | 'reason' | 'error'> {
  readonly cost: Cost | null;
  readonly evidence: Evidence | null;
  /** How it was found: the seed and the run, or a recorded token. */
  readonly found: string;
  /** The command to replay the violation; `null` if there is none. */
  readonly again: string | null;
  /** Whether and where the token was recorded; `null` if there is nothing to record. */
  readonly recorded: string | null;
}

/** The verdict, the timeline with the critical events, the command to replay it, and a hint. */
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
      // Not wrapped, so that it can be copied.
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
    return expects === 'violation'
      ? `${name}: ${what}, which is not the expected violation`
      : `${name}: ${what}`;
  }
  if (verdict === 'passed') return `${name}: expects a violation, and none was found`;
  return `${name}: ${verdict}`;
}

function hintWithout({ verdict, error }: Failed): string | null {
  if (error !== undefined)
    return error.stack === undefined
      ? 'hint: code that is called outside a run, such as the predicate of a `sometimes`, must not throw'
      : `hint: the exception came from inside one-survivor. Please report it with these lines: ${error.stack.map(printable).join(' ')}`;
  switch (verdict) {
    case 'passed':
      return "hint: if the bug is fixed, set expects: 'pass'; if not, search longer (runs, budgetMs)";
    case 'inconclusive':
      return 'hint: a check proves nothing about what no run has reached. Search longer (runs, budgetMs), or change the scenario so that runs reach it';
    case 'nondeterministic':
      return 'hint: a program uses something other than its ports: the time, random numbers, a shared variable';
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
