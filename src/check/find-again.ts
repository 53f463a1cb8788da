/**
 * Finds the violation of a recorded token again after a change of the program, the scenario or the simulation. In this order: the token
 * as it is; runs that follow the log of its actions; runs that follow logs which differ from it in a few places. What is found is
 * shrunk. Another violation of the same invariant does not count: see `signature.ts`.
 */
import { Deadline, type Stop } from '../run/deadline.ts';
import { executeOne } from '../run/execute.ts';
import type { Failure } from '../run/failure.ts';
import { ENDED_BY_REAL_TIME, isByRealTime } from '../run/real-time.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { type NamedLog, NamedLogRecorder } from '../schedule/named-log.ts';
import { decodeToken, encodeToken } from '../schedule/token.ts';
import { type Attempt, runUntil } from './attempt.ts';
import { followersOf } from './follow-log.ts';
import { type Replay, replaySchedule } from './replay.ts';
import { shrinkFound } from './shrink-endless.ts';
import { isSameSignature, type Signature, signatureOf } from './signature.ts';

/** A violation that was recorded earlier. */
export interface RecordedViolation {
  readonly invariant: string;
  /** `null` if this version cannot read the token. */
  readonly schedule: Schedule | null;
  /** `null` if it was recorded without. */
  readonly log: NamedLog | null;
  /** `null` if it was recorded without. */
  readonly signature: Signature | null;
}

/** A recorded violation that was not found again. */
export interface NotFoundAgain {
  readonly by: null;
  /** Why it may still occur: not everything was tried, or something else may hide it. `null`: it probably does not. */
  readonly unsure: string | null;
  /** A violation of the same invariant with another signature, shrunk, if one was found. */
  readonly other: Replay | null;
}

/** A recorded violation that still occurs. */
export interface FoundAgain {
  /** What led to it: the token as it was, its log, or a search around the log. */
  readonly by: 'token' | 'log' | 'search';
  /** Shrunk, unless the run is exactly that of the token. */
  readonly replay: Replay;
}

export interface FindAgainOptions {
  /** Real milliseconds for the search and for shrinking, each. Default: 20,000. */
  budgetMs?: number;
  signal?: Stop;
}

const UNSURE = {
  nondeterministic: 'the same schedule gave two different runs',
  interrupted: ENDED_BY_REAL_TIME,
  realTime: 'not searched: whether it is violated depends on the real time that a run takes',
  format: 'the format of its token is unknown to this version',
  noLog: 'it was recorded without a log of its actions, so only its schedule was tried',
} as const;

/** Chosen by hand: much longer than the runs of a usual scenario take. */
const BUDGET_MS = 20_000;
/** A longer log is cut off: default choices follow. Only runs that reach their step bound are so long. */
const MOST_ACTIONS = 10_000;
/** How many other violations of the same invariant are looked at. Each costs hundreds of runs. Chosen by hand. */
const MOST_OTHERS = 5;

/** A run that violates the invariant. */
interface Candidate {
  readonly by: FoundAgain['by'];
  readonly schedule: Schedule;
}

export async function findAgain(
  scenario: Scenario,
  recorded: RecordedViolation,
  { budgetMs = BUDGET_MS, signal }: FindAgainOptions = {},
): Promise<FoundAgain | NotFoundAgain> {
  const { invariant, schedule, log } = recorded;
  const deadline = (): Deadline => new Deadline(performance.now() + budgetMs, signal);
  const search = new Search(scenario, recorded, deadline);
  const again = schedule === null ? null : await replaySchedule(scenario, schedule);
  if (again?.verdict === 'nondeterministic') return search.notFound(UNSURE.nondeterministic);
  if (again?.verdict === 'inconclusive') return search.notFound(UNSURE.interrupted);
  if (again !== null && shows(again, invariant)) {
    const found = await search.judge({ by: 'token', schedule: schedule! }, again);
    if (found !== null) return found;
  } else if (again?.failure) search.hide(again.failure);
  const unknown = schedule === null ? UNSURE.format : null;
  if (isByRealTime({ invariant })) return search.notFound(UNSURE.realTime);
  if (log === null) return search.notFound(unknown ?? UNSURE.noLog);
  const found = await search.follow(log);
  return found !== null && typeof found === 'object' ? found : search.notFound(found ?? unknown);
}

/** The log of a schedule's actions. */
export async function namedLogOf(scenario: Scenario, schedule: Schedule): Promise<NamedLog> {
  return (await loggedRun(scenario, schedule)).log;
}

/** The log of a schedule's actions, up to where the run failed. */
export async function loggedRun(
  scenario: Scenario,
  schedule: Schedule,
  hangTimeoutMs?: number,
): Promise<{ readonly log: NamedLog; readonly failure: Failure | null }> {
  const recorder = new NamedLogRecorder(new ReplayedChoices(schedule));
  const run = new Run(scenario, recorder, { listener: recorder });
  recorder.begins(run);
  const failure = await executeOne(run, hangTimeoutMs);
  return { log: recorder.log(MOST_ACTIONS), failure };
}

class Search {
  readonly #scenario: Scenario;
  readonly #recorded: RecordedViolation;
  readonly #deadline: () => Deadline;
  /** The tokens of candidates that were judged. */
  readonly #judged = new Set<string>();
  /** The signatures of other violations that did not become the recorded one when they were shrunk. */
  readonly #rejected = new Set<string>();
  #other: Replay | null = null;
  /** Another invariant that a run of the recorded violation violates. */
  #hiddenBy: string | null = null;

  constructor(scenario: Scenario, recorded: RecordedViolation, deadline: () => Deadline) {
    this.#scenario = scenario;
    this.#recorded = recorded;
    this.#deadline = deadline;
  }

  /** @param unsure why it may still occur, if there is a reason besides what the runs have shown */
  notFound(unsure: string | null): NotFoundAgain {
    const hidden =
      this.#hiddenBy && `its run violates ${JSON.stringify(this.#hiddenBy)}, which may hide this violation`;
    return { by: null, unsure: unsure ?? hidden, other: this.#other };
  }

  /** Notes that a run ended with another violation, before the recorded one could occur. */
  hide({ invariant }: Pick<Failure, 'invariant'>): void {
    this.#hiddenBy ??= invariant;
  }

  /**
   * Whether a run shows the recorded violation, as it is or shrunk; shrinking may lead from one bug to another.
   *
   * @returns what is to be recorded; `null` if it is another violation
   */
  async judge({ by, schedule }: Candidate, replay: Replay): Promise<FoundAgain | null> {
    const { signature } = this.#recorded;
    this.#judged.add(replay.token);
    const stop = this.#deadline();
    // Without a signature, only the token itself is known to be about the same violation.
    const isSame = (got: Signature): boolean =>
      signature === null ? by === 'token' : isSameSignature(signature, got);
    const asItIs = await this.#signature(replay, stop);
    const isSameAsItIs = isSame(asItIs);
    if (isSameAsItIs && by === 'token' && replay.misfit === null) return { by, replay };
    const key = JSON.stringify(asItIs);
    if (!isSameAsItIs && this.#rejected.has(key)) return null;
    const small = await this.#shrunk(replay, schedule, stop);
    if (small.token === replay.token ? isSameAsItIs : isSame(await this.#signature(small, stop)))
      return { by, replay: small };
    if (isSameAsItIs) return { by, replay };
    this.#rejected.add(key);
    this.#judged.add(small.token);
    this.#other ??= small;
    return null;
  }

  /** @returns what was found, or why the search ended early; `null` if it ended and has found nothing */
  async follow(log: NamedLog): Promise<FoundAgain | string | null> {
    const stop = this.#deadline();
    const { faithful, attempts } = followersOf(this.#scenario, log);
    const remaining = attempts[Symbol.iterator]();
    let number = 0;
    for (let others = 0; others < MOST_OTHERS; others++) {
      let candidate: Candidate | null = null;
      const accept = ({ run, schedule }: Attempt): boolean => {
        const by = ++number <= faithful ? 'log' : 'search';
        if (run.failure !== null && run.failure.invariant !== this.#recorded.invariant && by === 'log')
          this.hide(run.failure);
        if (run.failure?.invariant !== this.#recorded.invariant || !run.idleIsSlow) return false;
        if (this.#judged.has(encodeToken(this.#scenario, schedule))) return false;
        candidate = { by, schedule };
        return true;
      };
      await runUntil(this.#scenario, { [Symbol.iterator]: () => remaining }, accept, undefined, {
        stop,
      });
      const { by, schedule } = (candidate ?? {}) as Partial<Candidate>;
      if (by === undefined || schedule === undefined) return stop.why;
      const replay = await replaySchedule(this.#scenario, schedule);
      if (replay.verdict === 'inconclusive') return UNSURE.interrupted;
      if (!shows(replay, this.#recorded.invariant)) return UNSURE.nondeterministic;
      const found = await this.judge({ by, schedule }, replay);
      if (found !== null) return found;
    }
    return stop.why;
  }

  async #signature(replay: Replay, stop: Deadline): Promise<Signature> {
    const log = await namedLogOf(this.#scenario, decodeToken(replay.token).schedule);
    return signatureOf(replay, log, { stop });
  }

  async #shrunk(replay: Replay, schedule: Schedule, stop: Deadline): Promise<Replay> {
    // Each attempt would wait for the timeout.
    if (isByRealTime(replay.failure)) return replay;
    const minimal = await shrinkFound(this.#scenario, schedule, replay.failure!, { stop });
    if (minimal === null) return replay;
    const small = await replaySchedule(this.#scenario, minimal.schedule);
    return shows(small, this.#recorded.invariant) ? small : replay;
  }
}

function shows({ verdict, failure }: Replay, invariant: string): boolean {
  return verdict === 'violated' && failure?.invariant === invariant;
}
