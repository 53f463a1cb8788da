// Scenarios and files that cannot be checked are reported next to those that were.
import { reportThrown } from '../check/index.ts';
import type { CheckedScenario } from '../report/index.ts';
import { thrownOf } from '../scenario/index.ts';
import type { BrokenFile, MissingScenario, Unusable } from './scenarios.ts';

export function reportUnusable(each: Unusable): CheckedScenario {
  return 'file' in each ? reportBroken(each) : reportMissing(each);
}

function reportMissing({ scenario, error }: MissingScenario): CheckedScenario {
  const { name, message } = error;
  const report = reportThrown(scenario, { name, message, file: null, line: null });
  return { ...report, reason: message, from: null, evidence: [] };
}

/** A file that cannot be loaded is reported in place of its scenarios. */
function reportBroken({ file, error }: BrokenFile): CheckedScenario {
  const { stack: _, line, ...thrown } = thrownOf(error.cause ?? error);
  const known = { ...thrown, line, message: error.message };
  const report = reportThrown({ id: file, expects: 'pass' }, known);
  return { ...report, reason: error.message, from: file, evidence: [], source: { file, line: line ?? 1 } };
}
