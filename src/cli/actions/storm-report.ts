/** The report of `storm`: the same as that of `simulate`, with its rounds. */
import { describeOwner, judgementsOf, notJudgedOf } from '../../judge/index.ts';
import type { DaemonReport, DaemonVerdict, Judged, StormFacts } from '../../report/daemon/index.ts';
import { shellQuote } from '../../report/report.ts';
import { count } from '../../scenario/wording.ts';
import {
  collapseHome,
  describeIsolation,
  describeRound,
  OF_FILES,
  type RoundResult,
  type StormFault,
  type StormResult,
} from '../../storm/index.ts';
import type { HarassmentOptions } from '../harassment.ts';
import { VERSION } from '../version.ts';

/** As given on the command line. */
export interface StormCommandOptions extends HarassmentOptions {
  rounds?: number;
  isolate?: string;
  json?: boolean;
  quiet?: boolean;
}

/** What was wanted. */
export interface StormWanted {
  readonly words: readonly string[];
  readonly seed: number;
  readonly starts: number;
  readonly settleMs: number;
  readonly expect: number | undefined;
  readonly faults: readonly StormFault[];
  readonly isOwnerGiven: boolean;
  readonly signal: AbortSignal;
  readonly seconds: number;
}

const NOT_DETERMINISTIC =
  'real timing is not deterministic: the seed repeats the plan, not the moments, so a violation may not be seen again at once';

export function stormReport(result: StormResult, wanted: StormWanted): DaemonReport {
  const { rounds, expected, directory, cleaned, isolated, shared, canDelay } = result;
  const shown = (text: string): string => collapseHome(text, directory);
  const episodes = rounds.flatMap((each) => each.episodes);
  const left = episodes.flatMap(({ survivors }) => survivors);
  const owner = expected?.owner ?? null;
  const judged = judgedOf(result, wanted).map((each) => ({ ...each, invariant: shown(each.invariant) }));
  const violations = violationsOf(rounds, shown);
  const faults = sumOf(episodes.map(({ struck }) => struck));
  const how = wanted.isOwnerGiven
    ? 'as --owner says'
    : 'as seen in a round with one start, and one more after SIGKILL';
  return {
    ...{ by: 'storm', version: VERSION, node: process.version, seed: wanted.seed, command: wanted.words },
    ...verdictOf(result, wanted, violations.length > 0, judged, faults),
    rounds: rounds.length,
    starts: wanted.starts,
    survivors: left.length === 0 ? null : { min: Math.min(...left), max: Math.max(...left) },
    expect: expected?.expect ?? wanted.expect ?? 1,
    owner: owner === null ? null : { known: shown(describeOwner(owner)), from: how },
    violations,
    faults,
    judged,
    notJudged: notJudgedOf({ owner, pidFile: expected?.pidFile ?? null }),
    assumed: [NOT_DETERMINISTIC],
    ...{ approximated: [], refused: result.impossible.map(({ fault, why }) => `${fault}: ${why}`) },
    notes: [
      ...new Set(episodes.flatMap(({ notes }) => notes).map(shown)),
      ...(violations.length > 0 && rounds.length > 1
        ? ['after the first violation, later rounds settle for at most 8 s']
        : []),
      ...(canDelay
        ? []
        : ['races with delays need strace(1) and the permission to trace: they had stops instead']),
      ...(cleaned.folders > 0
        ? [
            `an earlier storm was killed: ${count(cleaned.processes, 'process', 'processes')} and ${count(cleaned.folders, 'folder')} of it were removed`,
          ]
        : []),
    ],
    seconds: wanted.seconds,
    ...{ scenario: null, written: null, interrupted: wanted.signal.aborted },
    storm: {
      isolation: describeIsolation(isolated),
      notIsolated: [...isolated.missing, ...(shared.length === 0 ? [] : [`files in ${shared.join(', ')}`])],
      plan: result.plan.map(describeRound),
      rounds: rounds.map(({ plan, episodes, seconds }) => {
        const all = episodes.flatMap(({ survivors }) => survivors);
        const recovered = episodes.flatMap(({ recoveredMs }) => recoveredMs ?? []);
        return {
          round: plan.round,
          survivors: all.length === 0 ? null : { min: Math.min(...all), max: Math.max(...all) },
          faults: sumOf(episodes.map(({ struck }) => struck)),
          violated: [
            ...new Set(episodes.flatMap((each) => each.violations.map(({ invariant }) => invariant))),
          ],
          recoveredMs: recovered.length === 0 ? null : Math.max(...recovered),
          seconds,
        };
      }),
      worst: worstOf(rounds, shown),
    },
  };
}

/** The command that has the same plan. */
export function stormAgain(
  { seed, command, rounds }: DaemonReport,
  { starts, faults, owner, stateDir, settle, expect, isolate, rounds: given }: StormCommandOptions,
): string | null {
  if (rounds === 0) return null;
  const options = {
    ...{ seed, starts, rounds: given, faults, owner, 'state-dir': stateDir },
    ...{ settle: settle === undefined ? undefined : `${settle}ms`, expect, isolate },
  };
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  return ['npx', 'one-survivor', 'storm', ...words, '--', ...command].map(shellQuote).join(' ');
}

function violationsOf(rounds: readonly RoundResult[], shown: (text: string) => string) {
  const first = new Map<string, { invariant: string; round: number; detail: string }>();
  for (const { plan, episodes } of rounds)
    for (const { invariant, detail } of episodes.flatMap(({ violations }) => violations))
      if (!first.has(invariant))
        first.set(invariant, { invariant: shown(invariant), round: plan.round, detail: shown(detail) });
  return [...first.values()];
}

function judgedOf(
  { expected, rounds, impossible }: StormResult,
  { faults, settleMs }: StormWanted,
): Judged[] {
  if (expected === null) return [];
  const struck = faults.filter((fault) => !impossible.some((each) => each.fault === fault));
  const all = judgementsOf({
    ...expected,
    ...{ settleMs, countHelpers: false, endsEarly: true },
    faults: { any: struck.length > 0, ofFiles: struck.some((fault) => OF_FILES.includes(fault)) },
  });
  return all.map(({ judgement, optional }) => ({
    invariant: judgement.name,
    requires: judgement.requires?.what ?? '',
    rounds: rounds.filter(({ episodes }) =>
      episodes.some(({ exercised }) => exercised.includes(judgement.name)),
    ).length,
    optional,
  }));
}

/** What could be named by --owner. */
function thereIn(baseline: StormResult['baseline'], directory: string): string {
  const { endpoints = [], pidFiles = [] } = baseline?.first ?? {};
  const all = [
    ...endpoints.map((listensOn) => describeOwner({ listensOn })),
    ...pidFiles.map((isNamedIn) => describeOwner({ isNamedIn })),
  ];
  return all.length === 0
    ? 'no process listened, and no file named one'
    : collapseHome([...new Set(all)].join('; '), directory);
}

function verdictOf(
  { baseline, rounds, impossible, plan, expected, directory }: StormResult,
  { isOwnerGiven, signal, starts }: StormWanted,
  isViolated: boolean,
  judged: readonly Judged[],
  faults: Readonly<Record<string, number>>,
): { verdict: DaemonVerdict; reason: string | null } {
  if (isViolated) return { verdict: 'violated', reason: null };
  const inconclusive = (reason: string) => ({ verdict: 'inconclusive' as const, reason });
  if (signal.aborted) return inconclusive('it was interrupted');
  if (baseline !== null && baseline.first.survivors === 0) {
    const { exitCode, signal: endedBy, printed } = baseline.first;
    const how = endedBy === null ? `with exit code ${exitCode ?? 'none'}` : `by ${endedBy}`;
    const said = printed.trim() === '' ? 'and printed nothing' : `and printed: ${printed.trim().slice(-500)}`;
    return inconclusive(
      `a round with one start left no process, so there is no daemon to judge. It ended ${how}, ${said}`,
    );
  }
  if (isOwnerGiven && rounds.length === 0)
    return inconclusive(
      `in a round with one start there was no owner, as --owner says how one is known; what was there: ${thereIn(baseline, directory)}`,
    );
  if (rounds.length < plan.length || expected === null) return inconclusive('not all rounds were run');
  const [cannot] = impossible;
  if (cannot !== undefined) return inconclusive(`${cannot.fault} cannot strike here: ${cannot.why}`);
  const never = Object.entries(faults).find(([, n]) => n === 0);
  if (never !== undefined) return inconclusive(`the fault ${never[0]} struck in no round`);
  const unmet = judged.find(({ rounds: n, optional }) => n === 0 && !optional);
  if (unmet !== undefined && starts > 0)
    return inconclusive(
      `"${unmet.invariant}" means something only if ${unmet.requires}, which was seen in no round`,
    );
  return { verdict: 'passed', reason: null };
}

/** The one with most violations, then most survivors, then the slowest. */
function worstOf(rounds: readonly RoundResult[], shown: (text: string) => string): StormFacts['worst'] {
  const all = rounds.flatMap(({ plan, episodes }) =>
    episodes.map((episode) => ({ round: plan.round, episode })),
  );
  const badness = ({ episode }: (typeof all)[number]): number[] => [
    episode.violations.length,
    Math.max(0, ...episode.survivors),
    episode.recoveredMs ?? 0,
  ];
  const [worst] = all.sort((a, b) => {
    const [left, right] = [badness(a), badness(b)];
    const at = left.findIndex((n, i) => n !== right[i]);
    return at < 0 ? 0 : right[at]! - left[at]!;
  });
  return worst === undefined ? null : { round: worst.round, timeline: worst.episode.timeline.map(shown) };
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const each of all) for (const [name, n] of Object.entries(each)) sum[name] = (sum[name] ?? 0) + n;
  return sum;
}
