import {
  type Critical,
  describeDifference,
  type Replay,
  type ScenarioReport,
  type StartsOfRun,
} from '../check/index.ts';
import type { TraceEvent } from '../run/index.ts';

/** What a whole check has found: what every reporter is given. Plain data. */
export interface CheckReport {
  /** Of one-survivor. */
  readonly version: string;
  readonly node: string;
  readonly seed: number;
  readonly strategy: string;
  /** What was asked for; null: no such bound. */
  readonly runs: number | null;
  readonly budgetMs: number | null;
  /** Whether a scenario is ok although parts of it were not run. */
  readonly allowOmitted: boolean;
  /** Counted from 1; null: all of it. */
  readonly shard: { readonly index: number; readonly of: number } | null;
  readonly interrupted: boolean;
  readonly scenarios: readonly CheckedScenario[];
  /** Scenarios that were left out, after an interruption or `--bail`. */
  readonly left: readonly string[];
}

export interface CheckedScenario extends ScenarioReport {
  /** The file that exports the scenario, as it was named; null: built in, or of the config. */
  readonly from: string | null;
  /** Where it is declared, as far as that is known: a path from the root of the repository, a line from 1 on. */
  readonly source?: { readonly file: string; readonly line: number } | undefined;
  /** The guard of our own protocol that it ran without. */
  readonly mutant?: string | undefined;
  /** Of each violation, in the same order. */
  readonly evidence: readonly Evidence[];
}

/** What a replay has shown, as plain data. */
export interface Evidence {
  readonly token: string;
  readonly scenario: string;
  readonly verdict: Replay['verdict'];
  readonly invariant: string | null;
  readonly message: string | null;
  /** Where in people's code, if it is in one place and that is known: `file:line:column`. */
  readonly at?: string | undefined;
  /** `eventually`: it did not become true by the end; else the last event broke it. */
  readonly kind: 'always' | 'eventually';
  readonly traceHash: string;
  /** The two events whose order decides; null: not known, or not two alone. */
  readonly critical: Critical | null;
  readonly events: readonly TraceEvent[];
  /** What the reader should know: which starts it does without, that programs have changed since, that it went two ways. */
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
    ...rest.notes,
  ];
  if (cutShort !== undefined)
    notes.push(`shrinking was cut short: ${cutShort}. There may be a smaller run that violates the same`);
  if (rest.difference !== null) notes.push(describeDifference(rest.difference));
  if (rest.misfit !== null) {
    const { concern, index, choice, n } = rest.misfit;
    notes.push(
      `the programs have changed since this token was made: its choice ${index + 1} of ${concern} is ${choice}, and there were only ${n}. This is another run`,
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
    ...(idle.length > 0 ? [`${idle.join(', ')} started and never got to run, as on a slow machine`] : []),
    ...(leftOut.length > 0 ? [`${leftOut.join(', ')} did not start, which is optional`] : []),
  ];
  return [`with ${of - idle.length - leftOut.length} of ${of} starts: ${parts.join('; ')}`];
}

/** What never comes true may be due to a process that never goes on: not every author means that case. */
function stoppedForGood(events: readonly TraceEvent[]): string[] {
  const stopped = events.filter(
    ({ op, args }) => op === 'fault' && args.fault === 'stop' && args.forMs === 'ever',
  );
  const names = new Set(stopped.map(({ args }) => String(args.process)));
  for (const { op, process } of events) if (op === 'end') names.delete(process);
  return [...names].map(
    (name) =>
      `${name} is stopped for good, so that whatever it holds stays held. If only stops that end matter, say so: stop: { max: 1, forMs: [50, 1500, 20000] }`,
  );
}

export const EXIT = {
  ok: 0,
  violated: 1,
  usage: 2,
  inconclusive: 3,
  nondeterministic: 4,
  interrupted: 130,
} as const;

/**
 * A violation is a fact, whatever else went wrong; so it comes before all but an interruption. Then comes that the same schedule
 * ran two ways, which says of the others too that they cannot be relied on; then a check that ended with an exception.
 */
export function exitCodeOf({ interrupted, scenarios }: CheckReport): number {
  if (interrupted) return EXIT.interrupted;
  const bad = scenarios.filter(({ ok }) => !ok).map(({ verdict }) => verdict);
  if (bad.includes('violated') || bad.includes('passed')) return EXIT.violated;
  if (bad.includes('nondeterministic')) return EXIT.nondeterministic;
  if (scenarios.some(({ error }) => error !== undefined)) return EXIT.usage;
  if (bad.includes('inconclusive') || scenarios.length === 0) return EXIT.inconclusive;
  return EXIT.ok;
}

export function exitCodeOfReplay({ verdict }: Evidence): number {
  if (verdict === 'nondeterministic') return EXIT.nondeterministic;
  return verdict === 'violated' ? EXIT.violated : EXIT.ok;
}

/**
 * Linux accepts no longer argument than this, in bytes; with room to spare.
 *
 * @see https://man7.org/linux/man-pages/man2/execve.2.html (MAX_ARG_STRLEN is 131,072)
 */
const LONGEST_ARGUMENT = 100_000;

/** The command that runs a token again. A token that is too long for an argument goes through a pipe. */
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

/** One word for a POSIX shell. What a terminal should not see is in the form of `$'…'`, which bash and zsh read. */
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
