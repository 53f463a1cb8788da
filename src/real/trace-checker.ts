import type { MarkData } from '../ports/index.ts';
import {
  type Always,
  atMostOneOwner,
  Claims,
  noStaleAct,
  noTokenTwice,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  tokensRise,
  type World,
} from '../scenario/index.ts';
import type { TraceRecord } from './traces.ts';

/** One real process, as the judge sees it. */
export interface ProcessTrace {
  readonly name: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly lines: readonly TraceRecord[];
  /** When whoever started it saw that it had ended (CLOCK_MONOTONIC); null: it runs on. */
  readonly endedMs: number | null;
  /** It is not of the system: nobody of the system may signal it. */
  readonly foreign?: boolean;
}

export interface Verdict {
  /** Of the invariant: the same name as in simulated runs. */
  readonly name: string;
  /** Null: it held all the time. */
  readonly complaint: string | null;
  /** Whether what it requires happened; if not, that it held means nothing. */
  readonly exercised: boolean;
  /** What it requires, in words; null: nothing. */
  readonly requires: string | null;
  /** Of the first complaint, on CLOCK_MONOTONIC. */
  readonly atMs: number | null;
}

export interface Judgement {
  readonly holds: boolean;
  readonly verdicts: readonly Verdict[];
  /** Lines of all traces. */
  readonly lines: number;
  /** How often each mark was made. */
  readonly marks: ReadonlyMap<string, number>;
  /** Who owns at the end. */
  readonly owners: readonly ProcessTrace[];
}

/** Those of a simulated run's invariants that need no more than marks and signals. */
const INVARIANTS: readonly Always[] = [
  atMostOneOwner,
  noStaleAct,
  tokensRise,
  noTokenTwice,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
];

/**
 * The order of two processes' lines may be wrong by this much; what could be a matter of it is no violation.
 *
 * Little can go wrong. Linux has one CLOCK_MONOTONIC for all CPUs. A line's time is read in the very call that makes the
 * mark, and the line is on disk before that call returns: `release` before anything is given up, `own` after all was
 * taken. So an honest handover shows in the right order, with at least one system call of each process in between, which
 * takes longer than clocks of two CPUs may be apart. In doubt we are on the side of the accused: all that ends a claim,
 * and each act under one, counts as that much earlier, as far as its own process's order allows. Two owners for a shorter
 * time than this are not seen.
 */
export const CLOCK_ERROR_MS = 0.02;

/**
 * Judges a run of real processes by their traces, with the logic and the names of simulated runs.
 *
 * A process that was killed leaves no line that says so. It counts as ended from the moment at which that is known: when
 * its parent saw it, or when any process of the run was told by the system that it is gone, whichever came first. That is
 * after its real end, but nobody can have built on its end before it was known. It follows that who merely guesses that
 * an owner is dead is accused even if the guess was right.
 */
export function judge(witnesses: readonly ProcessTrace[]): Judgement {
  const court = new TraceChecker(witnesses);
  const first = new Map<Always, Verdict>();
  for (const event of timelineOf(witnesses)) {
    court.hear(event);
    for (const invariant of INVARIANTS) {
      const complaint = first.has(invariant) ? null : invariant.check(court.world);
      if (complaint !== null)
        first.set(invariant, {
          name: invariant.name,
          complaint,
          exercised: true,
          requires: requirementOf(invariant),
          atMs: event.atMs,
        });
    }
  }
  const unbroken = (invariant: Always): Verdict => {
    const exercised = invariant.requires?.met(court.world) ?? true;
    const requires = requirementOf(invariant);
    return { name: invariant.name, complaint: null, exercised, requires, atMs: null };
  };
  const verdicts = INVARIANTS.map((invariant) => first.get(invariant) ?? unbroken(invariant));
  return {
    holds: first.size === 0,
    verdicts,
    lines: witnesses.reduce((sum, { lines }) => sum + lines.length, 0),
    marks: court.marks,
    owners: court.claims.current.map(({ process }) => process),
  };
}

function requirementOf({ requires }: Always): string | null {
  return requires?.what ?? null;
}

interface Event {
  /** After the benefit of the doubt. */
  readonly atMs: number;
  readonly process: ProcessTrace;
  /** Null: the process is known to have ended. */
  readonly line: TraceRecord | null;
}

/** All lines of all processes in the order of their times; each process's own order stays. */
export function timelineOf(witnesses: readonly ProcessTrace[]): Event[] {
  return witnesses
    .flatMap((process) => {
      let latestMs = Number.NEGATIVE_INFINITY;
      const event = (atMs: number, line: TraceRecord | null): Event => {
        latestMs = Math.max(latestMs, line !== null && isMark(line, 'own') ? atMs : atMs - CLOCK_ERROR_MS);
        return { atMs: latestMs, process, line };
      };
      const events = process.lines.map((line) => event(line.atMs, line));
      const endMs = knownEndMs(process, witnesses);
      return endMs === null ? events : [...events, event(endMs, null)];
    })
    .sort((a, b) => a.atMs - b.atMs);
}

/** When it was first known that a process had ended; null: it has not. */
function knownEndMs(process: ProcessTrace, witnesses: readonly ProcessTrace[]): number | null {
  if (process.endedMs === null) return null;
  const aliveMs = process.lines.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  let endMs = process.endedMs;
  for (const { lines } of witnesses) {
    for (const line of lines) {
      if (line.atMs >= endMs) break;
      if (line.atMs > aliveMs && provesEnd(line, process)) endMs = line.atMs;
    }
  }
  return endMs;
}

/** Whether the system told somebody, by this line, that a process is no more. */
function provesEnd({ op, args, error, result }: TraceRecord, { pid, startTicks }: ProcessTrace): boolean {
  if (args.pid !== pid) return false;
  if (op === 'kill') return error === 'ESRCH' && (args.startTicks === null || args.startTicks === startTicks);
  if (op === 'wait') return error === undefined;
  if (op !== 'processInfo') return false;
  const info = result as { state?: unknown; startTicks?: unknown } | undefined;
  return (
    error === 'ESRCH' || info?.state === 'zombie' || (info !== undefined && info.startTicks !== startTicks)
  );
}

function isMark({ op, args }: TraceRecord, name: string): boolean {
  return op === 'mark' && args.name === name;
}

interface Signalled {
  readonly sender: { readonly name: string };
  readonly target: { readonly name: string; readonly pid: number; readonly foreign: boolean };
  readonly signal: string;
  readonly proven: boolean;
}

/** What {@link World} knows of a simulated run, from traces. */
class TraceChecker {
  readonly claims = new Claims<ProcessTrace>();
  readonly marks = new Map<string, number>();
  readonly #signals: Signalled[] = [];
  /** Those that were started, and their children, as far as that was written down. */
  readonly #known = new Map<number, { name: string; foreign: boolean }>();
  readonly #ended: ProcessTrace[] = [];
  /** Unreaped children of each process. */
  readonly #children = new Map<ProcessTrace, Set<number>>();
  /** For invariants that look at no more than this. */
  readonly world: World;

  constructor(witnesses: readonly ProcessTrace[]) {
    for (const { pid, name, foreign = false } of witnesses) this.#known.set(pid, { name, foreign });
    const { claims, marks } = this;
    const seen = {
      signals: this.#signals,
      marks,
      get currentClaims() {
        return claims.current;
      },
      get staleAct() {
        return claims.staleAct;
      },
      get grantedTokens() {
        return claims.grantedTokens;
      },
      get fallenToken() {
        return claims.fallenToken;
      },
      get repeatedToken() {
        return claims.repeatedToken;
      },
    };
    this.world = seen as unknown as World;
  }

  hear({ process, line }: Event): void {
    if (line === null || line.op === 'exit') {
      this.claims.withdraw(process);
      this.#ended.push(process);
      return;
    }
    const { op, args, error, result } = line;
    if (op === 'mark') this.#mark(process, String(args.name), (args.data ?? {}) as MarkData);
    else if (error !== undefined) return;
    else if (op === 'spawn') this.#spawned(process, Number(result));
    else if (op === 'wait') this.#children.get(process)?.delete(Number(args.pid));
    else if (op === 'kill' && args.signal !== 0) this.#signalled(process, args);
  }

  #mark(process: ProcessTrace, name: string, data: MarkData): void {
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
    this.claims.marked(process, name, data);
  }

  #spawned(parent: ProcessTrace, pid: number): void {
    this.#known.set(pid, { name: `child of ${parent.name}`, foreign: false });
    const children = this.#children.get(parent) ?? new Set();
    this.#children.set(parent, children.add(pid));
  }

  #signalled(sender: ProcessTrace, { pid: target, signal, startTicks }: TraceRecord['args']): void {
    const pid = Math.abs(Number(target));
    const { name, foreign } = this.#known.get(pid) ?? this.#unknown(Number(startTicks ?? Number.NaN));
    const own = pid === sender.pid || this.#children.get(sender)?.has(pid) === true;
    this.#signals.push({
      sender,
      target: { name, pid, foreign },
      signal: String(signal),
      proven: typeof startTicks === 'number' || own,
    });
  }

  /**
   * A process of which no trace tells. Who ends just after it has started a child, but before that has been written down,
   * may be its parent; then it was born after that parent. The benefit of the doubt.
   */
  #unknown(startTicks: number): { name: string; foreign: boolean } {
    const parent = this.#ended.find((witness) => !witness.foreign && witness.startTicks <= startTicks);
    return parent === undefined
      ? { name: 'a stranger', foreign: true }
      : { name: `perhaps a child of ${parent.name}`, foreign: false };
  }
}
