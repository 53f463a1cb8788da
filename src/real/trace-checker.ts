/** Checks the invariants of real processes by their traces. */

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
import { type Event, eventsOf, type ProcessTrace } from './trace-events.ts';
import type { TraceRecord } from './traces.ts';

export interface Verdict {
  /** The name of the invariant, as in simulated runs. */
  readonly name: string;
  /** `null` if it held throughout. */
  readonly complaint: string | null;
  /** Whether its requirement was met; otherwise it proves nothing that it held. */
  readonly exercised: boolean;
  /** A description of its requirement; `null` if it has none. */
  readonly requires: string | null;
  /** When it was first violated, on CLOCK_MONOTONIC. */
  readonly atMs: number | null;
}

export interface Judgement {
  readonly holds: boolean;
  readonly verdicts: readonly Verdict[];
  /** The number of lines of all traces. */
  readonly lines: number;
  /** How often each mark was made. */
  readonly marks: ReadonlyMap<string, number>;
  /** The owners at the end. */
  readonly owners: readonly ProcessTrace[];
}

/** The built-in invariants that depend only on marks and signals. */
const INVARIANTS: readonly Always[] = [
  atMostOneOwner,
  noStaleAct,
  tokensRise,
  noTokenTwice,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
];

/**
 * Checks a run of real processes by their traces, with the same invariants as in simulated runs.
 *
 * A process that was killed leaves no line about it. It counts as ended from the moment at which that is known: when
 * its parent has observed it, or when any process of the run has learned from the system that it is gone, whichever comes first. That is
 * after its real end, but no process could rely on its end before it was known. So a process that merely guesses that
 * an owner is dead violates the invariant even if the guess was right.
 */
export function judge(traces: readonly ProcessTrace[]): Judgement {
  const checker = new TraceChecker(traces);
  const first = new Map<Always, Verdict>();
  for (const event of eventsOf(traces)) {
    checker.hear(event);
    for (const invariant of INVARIANTS) {
      const complaint = first.has(invariant) ? null : invariant.check(checker.world);
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
    const exercised = invariant.requires?.met(checker.world) ?? true;
    const requires = requirementOf(invariant);
    return { name: invariant.name, complaint: null, exercised, requires, atMs: null };
  };
  const verdicts = INVARIANTS.map((invariant) => first.get(invariant) ?? unbroken(invariant));
  return {
    holds: first.size === 0,
    verdicts,
    lines: traces.reduce((sum, { lines }) => sum + lines.length, 0),
    marks: checker.marks,
    owners: checker.claims.current.map(({ process }) => process),
  };
}

function requirementOf({ requires }: Always): string | null {
  return requires?.what ?? null;
}

interface Signalled {
  readonly sender: { readonly name: string };
  readonly target: { readonly name: string; readonly pid: number; readonly foreign: boolean };
  readonly signal: string;
  readonly proven: boolean;
}

/** Derives from traces what {@link World} knows of a simulated run. */
class TraceChecker {
  readonly claims = new Claims<ProcessTrace>();
  readonly marks = new Map<string, number>();
  readonly #signals: Signalled[] = [];
  /** The started processes and their children, as far as they were recorded. */
  readonly #known = new Map<number, { name: string; foreign: boolean }>();
  readonly #ended: ProcessTrace[] = [];
  /** Unreaped children of each process. */
  readonly #children = new Map<ProcessTrace, Set<number>>();
  /** The part of a world that these invariants use. */
  readonly world: World;

  constructor(traces: readonly ProcessTrace[]) {
    for (const { pid, name, foreign = false } of traces) this.#known.set(pid, { name, foreign });
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
   * A process that is in no trace. Its parent may be a process that ended after it had started a child but before it could record that;
   * then the child is younger than the parent. In doubt, it counts as such a child.
   */
  #unknown(startTicks: number): { name: string; foreign: boolean } {
    const parent = this.#ended.find((trace) => !trace.foreign && trace.startTicks <= startTicks);
    return parent === undefined
      ? { name: 'a stranger', foreign: true }
      : { name: `perhaps a child of ${parent.name}`, foreign: false };
  }
}
