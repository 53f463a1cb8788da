/** What a race in phases was looked at for, and what was found: on the processes and the disk, and in the traces. */
import { type Judgement, judge, type Verdict } from './trace-checker.ts';
import type { ProcessTrace } from './trace-events.ts';
import type { TraceRecord } from './traces.ts';

/** What each of them requires, in the order of a report. */
const REQUIRES = {
  'one survivor': 'a phase',
  'a contender that loses ends with 0': 'a phase',
  'an owner listens before it owns': 'a process that marked "own"',
  'an owner whose claim is lost publishes it again': 'the phase lose',
  'a healthy owner stays': 'the phase lose',
  'no orphan beside an owner': 'an orphan, as in the phase kill',
  'foreign processes are left alone': 'the phase reuse or occupy',
  'a stopped owner is replaced': 'the phase stop',
  'an owner is evicted only after a challenge that it left unanswered': 'an eviction, as in the phase stop',
  'no process owns while the TCP port is held': 'the phase occupy',
  'a contender that is blocked says so': 'the phase occupy',
  'an owner that is asked to stop releases its claim': 'an owner that was asked to stop',
  'nothing is left over': 'a race that was not ended early',
} as const;
export type Subject = keyof typeof REQUIRES;

export class Findings {
  readonly #complaints = new Map<Subject, string | null>();
  #judgement: Judgement | null = null;

  /** Something was looked at. Only the first complaint counts. */
  look(what: Subject, complaint: string | null): void {
    this.#complaints.set(what, this.#complaints.get(what) ?? complaint);
  }

  /** Whether anything was found so far. */
  get violated(): boolean {
    return this.verdicts.some(({ complaint }) => complaint !== null);
  }

  /** The number of lines of all traces. */
  get lines(): number {
    return this.#judgement?.lines ?? 0;
  }

  get verdicts(): readonly Verdict[] {
    const own = (Object.keys(REQUIRES) as Subject[]).map((name) => ({
      name,
      complaint: this.#complaints.get(name) ?? null,
      exercised: this.#complaints.has(name),
      requires: REQUIRES[name],
      atMs: null,
    }));
    return [...own, ...(this.#judgement?.verdicts ?? [])];
  }

  /** @param challengeMs how long a challenge stands */
  lookAtTraces(traces: readonly ProcessTrace[], challengeMs: number): void {
    this.#judgement = judge(traces);
    const system = traces.filter(({ foreign }) => !foreign);
    for (const trace of system) {
      this.#listensBeforeOwning(trace);
      this.#reapsBeforeOwning(trace, system);
      for (const line of marksOf(trace, 'evict'))
        this.#evictsAfterChallenge(line, trace, system, challengeMs);
    }
  }

  #listensBeforeOwning({ name, lines }: ProcessTrace): void {
    const owns = lines.findIndex((line) => isMark(line, 'own'));
    if (owns === -1) return;
    const listens = lines.slice(0, owns).some(({ op, error }) => op === 'listen' && error === undefined);
    this.look('an owner listens before it owns', listens ? null : `${name} owned, and did not listen yet`);
  }

  /** An orphan that an owner has reaped, but only when it owned already. */
  #reapsBeforeOwning(trace: ProcessTrace, system: readonly ProcessTrace[]): void {
    const [own] = marksOf(trace, 'own');
    for (const { atMs, args } of marksOf(trace, 'reaped')) {
      const pid = (args.data as { pid?: unknown } | undefined)?.pid;
      const parent = system.find(({ lines }) =>
        lines.some(({ op, result }) => op === 'spawn' && result === pid),
      );
      const late =
        own !== undefined && own.atMs < atMs && (parent?.endedMs ?? Number.POSITIVE_INFINITY) < own.atMs;
      this.look(
        'no orphan beside an owner',
        late
          ? `${trace.name} owned while PID ${pid}, a child of ${parent!.name}, ran on without its owner`
          : null,
      );
    }
  }

  #evictsAfterChallenge(
    evicts: TraceRecord,
    by: ProcessTrace,
    system: readonly ProcessTrace[],
    challengeMs: number,
  ): void {
    const { pid } = evicts.args.data as { pid?: unknown };
    const stoodMs = lastStateOf(pid, by, evicts.atMs) === 'stopped' ? 0 : challengeMs;
    const challenged = system.some((trace) =>
      marksOf(trace, 'challenge').some(({ atMs }) => atMs <= evicts.atMs - stoodMs),
    );
    this.look(
      'an owner is evicted only after a challenge that it left unanswered',
      challenged ? null : `${by.name} evicts PID ${pid}, without a challenge ${stoodMs} ms before`,
    );
  }
}

/** What a process has seen of another one last: of one that is stopped (SIGSTOP) no answer is awaited. */
function lastStateOf(pid: unknown, { lines }: ProcessTrace, untilMs: number): unknown {
  const look = lines.findLast(
    ({ op, args, atMs }) => op === 'processInfo' && args.pid === pid && atMs <= untilMs,
  );
  return (look?.result as { state?: unknown } | undefined)?.state;
}

function marksOf({ lines }: ProcessTrace, name: string): readonly TraceRecord[] {
  return lines.filter((line) => isMark(line, name));
}

function isMark({ op, args }: TraceRecord, name: string): boolean {
  return op === 'mark' && args.name === name;
}
