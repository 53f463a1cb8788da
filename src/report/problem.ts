/** What the reports of CI systems say about a scenario that is not as expected. */
import { PLAIN } from './colors.ts';
import { printable } from './escape.ts';
import { type CheckedScenario, replayCommand } from './report.ts';
import { timeline } from './timeline.ts';

export interface Problem {
  /** The violated invariant, or the kind of problem. */
  readonly type: string;
  readonly message: string;
  /** With the timeline and the command to replay it. */
  readonly text: string;
}

/** A violated invariant is a failure; a check without a conclusion is an error. */
export function kindOf({ verdict }: CheckedScenario): 'failure' | 'error' {
  return verdict === 'violated' || verdict === 'passed' ? 'failure' : 'error';
}

/** Why a scenario is not as expected: a word, a line, and everything that is known. */
export function problemOf(scenario: CheckedScenario): Problem {
  const { verdict, reason, runs, from, evidence, error } = scenario;
  if (error !== undefined && evidence.length === 0) {
    const lines = [reason ?? error.message, ...(error.stack ?? [])];
    return { type: error.name, message: reason ?? error.message, text: lines.map(printable).join('\n') };
  }
  if (verdict === 'passed') {
    const message = `expects a violation, and none was found in ${runs} runs`;
    return { type: 'not violated', message, text: message };
  }
  const [first] = evidence;
  if (verdict !== 'violated' || first === undefined) {
    return { type: verdict, message: reason ?? verdict, text: printable(reason ?? verdict) };
  }
  const text = evidence
    .map((each) =>
      [
        printable(`${each.invariant}: ${each.message}`),
        '',
        timeline(each, { colors: PLAIN }),
        '',
        ...each.notes.flatMap((note) => [printable(`note: ${note}`), '']),
        replayCommand(each.token, from),
      ].join('\n'),
    )
    .join('\n\n');
  return { type: first.invariant ?? verdict, message: first.message ?? verdict, text };
}
