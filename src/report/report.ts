import {
  type Critical,
  describeDifference,
  type Replay,
  type ScenarioReport,
  type StartsOfRun,
} from '../check/index.ts';
import type { TraceEvent } from '../run/index.ts';
import { EXIT } from './exit-codes.ts';
import { waitsText } from './waits.ts';

/** The report of a whole check, for all reporters. Plain data. */
export interface CheckReport {
  /** The version of one-survivor. */
  readonly version: string;
  readonly node: string;
  readonly seed: number;
  readonly strategy: string;
  /** The requested number of runs; `null` for no limit. */
  readonly runs: number | null;
  readonly budgetMs: number | null;
  /** Whether a scenario is ok even if parts of it were not run. */
  readonly allowOmitted: boolean;
  /** Counted from 1; `null` if the check is not divided. */
  readonly shard: { readonly index: number; readonly of: number } | null;
  readonly interrupted: boolean;
  readonly scenarios: readonly CheckedScenario[];
  /** Scenarios that were skipped after an interruption or because of `--bail`. */
  readonly left: readonly string[];
  /** How many recorded tokens were not replayed as they were recorded, and whether that is a failure. */
  readonly recorded?: { readonly outdated: number; readonly strict: boolean } | undefined;
}

export interface CheckedScenario extends ScenarioReport {
  /** The file that exports the scenario, as named on the command line; `null` if built in or from the config. */
  readonly from: string | null;
  /** Where it is declared, if known: a path relative to the root of the repository, and a line counted from 1. */
  readonly source?: { readonly file: string; readonly line: number } | undefined;
  /** The guard of the built-in protocol that was removed. */
  readonly mutant?: string | undefined;
  /** The evidence of each violation, in the same order. */
  readonly evidence: readonly Evidence[];
}

/** The result of a replay. Plain data. */
export interface Evidence {
  readonly token: string;
  readonly scenario: string;
  readonly verdict: Replay['verdict'];
  readonly invariant: string | null;
  readonly message: string | null;
  /** Where in user code, if known: `file:line:column`. */
  readonly at?: string | undefined;
  /** `eventually`: it was not true at the end; `always`: the last event violated it. */
  readonly kind: 'always' | 'eventually';
  readonly traceHash: string;
  /** The two events whose order decides; `null` if unknown, or if there is no such pair. */
  readonly critical: Critical | null;
  readonly events: readonly TraceEvent[];
  /** Further information: which processes did not run, whether programs have changed, whether two runs differed. */
  readonly notes: readonly string[];
}

/** @param cutShort see {@link Violation.cutShort} */
export function evidenceOf(
  { token, scenario, verdict, failure, traceHash, events, ...rest }: Replay,
  critical: Critical | null,
  cutShort?: string,
): Evidence {
  const invariant = scenario.invariants.find(({ name }) => name === failure?.invariant);
  const kind = invariant?.kind === 'eventually' ? 'eventually' : 'always';
  const notes: string[] = [
    ...notesOf(rest.starts),
    ...(kind === 'eventually' ? stoppedForGood(events) : []),
    ...waitsText(rest.waits, events),
    ...rest.notes,
  ];
  if (cutShort !== undefined)
    notes.push(`shrinking was cut short: ${cutShort}. There may be a smaller run that violates the same`);
  if (rest.difference !== null) notes.push(describeDifference(rest.difference));
  if (rest.reason !== null) notes.push(rest.reason);
  if (rest.misfit !== null) {
    const { concern, index, choice, n } = rest.misfit;
    notes.push(
      `the programs have changed since this token was made: its choice ${index + 1} of ${concern} is ${choice}, but there were only ${n} options. This is a different run`,
    );
  }
  return {
    token,
    scenario: scenario.id,
    verdict,
    invariant: failure?.invariant ?? null,
    message: failure?.message ?? null,
    ...(failure?.at !== undefined && { at: failure.at }),
    kind,
    traceHash,
    critical,
    events,
    notes,
  };
}

function notesOf({ of, idle, leftOut }: StartsOfRun): string[] {
  if (idle.length + leftOut.length === 0) return [];
  const parts = [
    ...(idle.length > 0
      ? [
          `${idle.join(', ')} started but ${idle.length === 1 ? 'was' : 'were'} never scheduled, as on a slow machine`,
        ]
      : []),
    ...(leftOut.length > 0 ? [`${leftOut.join(', ')} did not start, which is optional`] : []),
  ];
  return [`with ${of - idle.length - leftOut.length} of ${of} starts: ${parts.join('; ')}`];
}

/** A liveness violation may be caused by a process that was stopped for good, which not every author intends. */
function stoppedForGood(events: readonly TraceEvent[]): string[] {
  const stopped = events.filter(
    ({ op, args }) => op === 'fault' && args.fault === 'stop' && args.forMs === 'ever',
  );
  const names = new Set(stopped.map(({ args }) => String(args.process)));
  for (const { op, process } of events) if (op === 'end') names.delete(process);
  return [...names].map(
    (name) =>
      `${name} is stopped for good, so it never releases what it holds. To allow only stops that end: stop: { max: 1, forMs: [50, 1500, 20000] }`,
  );
}

/**
 * A violation takes precedence over everything except an interruption, because it is a fact regardless of other problems. Next comes
 * nondeterminism, which makes the other verdicts unreliable, then a check that ended with an exception.
 */
export function exitCodeOf({ interrupted, scenarios, recorded }: CheckReport): number {
  if (interrupted) return EXIT.interrupted;
  const bad = scenarios.filter(({ ok }) => !ok).map(({ verdict }) => verdict);
  if (bad.includes('violated') || bad.includes('passed')) return EXIT.violated;
  if (recorded?.strict && recorded.outdated > 0) return EXIT.violated;
  if (bad.includes('nondeterministic')) return EXIT.nondeterministic;
  if (scenarios.some(({ error }) => error !== undefined)) return EXIT.usage;
  if (bad.includes('inconclusive') || scenarios.length === 0) return EXIT.inconclusive;
  return EXIT.ok;
}

export function exitCodeOfReplay({ verdict }: Evidence): number {
  if (verdict === 'nondeterministic') return EXIT.nondeterministic;
  if (verdict === 'inconclusive') return EXIT.inconclusive;
  return verdict === 'violated' ? EXIT.violated : EXIT.ok;
}

/**
 * The maximum length of an argument, in bytes: below Linux's limit.
 *
 * @see https://man7.org/linux/man-pages/man2/execve.2.html (MAX_ARG_STRLEN is 131,072)
 */
const LONGEST_ARGUMENT = 100_000;

/** The command that replays a token. A token that is too long for an argument is piped. */
export function replayCommand(token: string, from: string | null, mutant: string | null = null): string {
  const piped = token.length > LONGEST_ARGUMENT;
  const words = [
    ...['npx', 'one-survivor', 'replay', piped ? '-' : token],
    ...(from === null ? [] : ['--from', from]),
    ...(mutant === null ? [] : ['--mutant', mutant]),
  ];
  const command = words.map(shellQuote).join(' ');
  return piped ? `echo ${shellQuote(token)} | ${command}` : command;
}

/** What a command to stop a debugger in a step begins with, up to the step. The debugger must be there before the command starts. */
export function breakCommand(token: string, from: string | null, mutant: string | null = null): string {
  const main = 'node --inspect-brk node_modules/one-survivor/dist/cli/main.js';
  return `${replayCommand(token, from, mutant).replace('npx one-survivor', () => main)} --break-at`;
}

/** Quotes a word for a POSIX shell. Characters that are unsafe for a terminal use the form `$'…'` of bash and zsh. */
export function shellQuote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  if (!/[^\x20-\x7e]/.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const bytes = [...new TextEncoder().encode(word)];
  const text = bytes.map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === "'" || character === '\\') return `\\${character}`;
    return byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, '0')}` : character;
  });
  return `$'${text.join('')}'`;
}
