/** The report of `simulate`: what was judged and what was not, and the run that shows the violation. */
import {
  criticalOf,
  type Deadline,
  replay,
  type ScenarioReport,
  withSourceLines,
} from '../../check/index.ts';
import { usesSoFar } from '../../guest/index.ts';
import { notJudgedOf } from '../../judge/index.ts';
import { type KnownCommand, recordCommand } from '../../project/commands.ts';
import type { DaemonDetails, DaemonReport } from '../../report/daemon/index.ts';
import { evidenceOf, replayCommand } from '../../report/index.ts';
import { count } from '../../scenario/wording.ts';
import { commandScenario, isAsked, RUNS_AS_IT_IS } from '../../simulate/index.ts';
import { shorterOf } from '../shorter-command.ts';
import type { Prepared } from './simulate-prepare.ts';

export const NO_DETAILS: DaemonDetails = { evidence: null, size: null, again: null };

/** Of a command that was not run. */
export const NOT_RUN: Omit<DaemonReport, keyof Prepared['facts'] | 'verdict' | 'reason' | 'seconds'> = {
  ...{
    rounds: 0,
    survivors: null,
    violations: [],
    faults: {},
    judged: [],
    notJudged: [],
    assumed: [],
    approximated: [],
    refused: [],
    notes: [],
  },
  ...{ scenario: null, written: null, storm: null },
};

export function reportOf({ command, facts }: Prepared, found: ScenarioReport): DaemonReport {
  const { runs, violations, struck, survivors, exercised, assumed, notes = [], reason, id } = found;
  const refusal = violations.find(({ invariant }) => invariant === RUNS_AS_IT_IS);
  const scenario = commandScenario(command);
  const { owner = null, pidFile = null } = command;
  const judged = scenario.invariants.flatMap((invariant) => {
    if (invariant.kind === 'sometimes' || invariant.name === RUNS_AS_IT_IS) return [];
    const { requires } = invariant;
    const rounds = exercised.find((each) => each.invariant === invariant.name)?.runs ?? runs;
    const optional = requires?.optional ?? false;
    return [{ invariant: invariant.name, requires: requires?.what ?? '', rounds, optional }];
  });
  return {
    ...NOT_RUN,
    ...facts,
    verdict: refusal === undefined ? found.verdict : 'refused',
    reason: refusal?.message ?? reason,
    rounds: runs,
    survivors: survivors === undefined ? null : { min: survivors.least, max: survivors.most },
    violations:
      refusal !== undefined
        ? []
        : violations.map(({ invariant, message, token }) => ({
            ...{ invariant, detail: message, token },
            round: found.firstViolationAtRun ?? 1,
          })),
    faults: struck,
    judged,
    notJudged: notJudgedOf({ owner, pidFile }, isAsked(owner)),
    assumed,
    ...usesSoFar(),
    notes,
    seconds: found.seconds,
    scenario: id,
  };
}

/**
 * The run that shows the violation: in less time, if the same happens then.
 *
 * @param until when the searches for a shorter run and for the two events that decide end
 */
export async function detailsOf(
  command: KnownCommand,
  { violations }: ScenarioReport,
  until: Deadline,
): Promise<{ details: DaemonDetails; token: string | null }> {
  const [violation] = violations;
  if (violation === undefined) return { details: NO_DETAILS, token: null };
  const shown = (await shorterOf(command, violation, until)) ?? {
    command,
    token: violation.token,
    cost: violation,
  };
  const cutShort = violation.cutShort ?? until.why ?? undefined;
  recordCommand(process.cwd(), shown.command);
  const again = await withSourceLines(await replay(shown.token, () => commandScenario(shown.command)));
  const { contenders, faults, switches, steps } = shown.cost;
  const critical = await criticalOf(again, until);
  const evidence = evidenceOf(again, critical, cutShort);
  const undecided =
    critical === null && until.why !== null
      ? [`the search for the two events whose order decides was cut short: ${until.why}`]
      : [];
  const details = {
    evidence: { ...evidence, notes: [...evidence.notes, ...undecided] },
    size: `in ${[
      count(contenders, 'process', 'processes'),
      count(faults, 'fault'),
      count(switches, 'switch', 'switches'),
      count(steps, 'step'),
    ].join(', ')}`,
    again: replayCommand(shown.token, null),
  };
  return { details, token: shown.token };
}
