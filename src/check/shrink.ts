import { Deadline, type Stop } from '../run/deadline.ts';
import { BUILT_IN, type Failure } from '../run/failure.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import type { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { type Action, type ActionLog, ActionReplayer, type Circumstances } from '../schedule/action-log.ts';
import { DEFAULT_STRATEGY } from '../schedule/strategies.ts';
import type { ChoiceKind, Choices, EnabledSet } from '../sim/index.ts';
import { type Attempt, recordRun, runUntil } from './attempt.ts';

/** A failing run and what it takes to have it again. */
export interface Counterexample {
  readonly failure: Failure;
  readonly schedule: Schedule;
  readonly cost: Cost;
}

/** How complicated a counterexample is; the earlier fields count more. */
export interface Cost {
  readonly faults: number;
  /** Processes of the system that take part: each has a column in the timeline. */
  readonly contenders: number;
  /** How often another process than the one before was let go on. */
  readonly switches: number;
  readonly steps: number;
}

type FailingAttempt = Counterexample & Omit<Attempt, 'run'>;

/** What shrinking has come to. */
export interface Shrunk extends Counterexample {
  /** Why it ended although there was more to try; null: there was not. */
  readonly cutShort: string | null;
}

export interface ShrinkOptions {
  /** Ends it once its attempts together have taken so many steps; {@link MAX_SHRINK_STEPS} unless said. */
  maxSteps?: number;
  /** Ends it early: the smallest so far is returned. */
  signal?: Stop | undefined;
}

/** Of the built-in scenarios none needs more than 260,000. */
const MAX_SHRINK_STEPS = 3_000_000;

/** More attempts than this seldom make a counterexample any smaller. */
const MAX_ATTEMPTS = 3_000;

/** How many runs are searched anew for each start that might be left out. */
const RUNS_ANEW = 50;

const MOMENTS_AT_ONCE = 1;

/**
 * The smallest run found that violates the same invariant: fewer faults, fewer processes, an earlier end, fewer
 * switches. Each attempt is a real run; what is returned is the schedule of one.
 */
export async function shrink(
  scenario: Scenario,
  found: Schedule,
  failure: Failure,
  options: ShrinkOptions = {},
): Promise<Shrunk> {
  const shrinker = new Shrinker(scenario, failure.invariant, options);
  await shrinker.begin(found);
  return shrinker.shrink();
}

class Shrinker {
  readonly #scenario: Scenario;
  readonly #invariant: string;
  readonly #isSafety: boolean;
  readonly #maxSteps: number;
  readonly #signal: Stop | undefined;
  #best!: FailingAttempt;
  #attempts = 0;
  /** There is nothing more to try. */
  #isDone = false;
  #steps = 0;
  /** What was left out when {@link Shrinker.#searchWithout} has searched. */
  readonly #searched = new Set<string>();

  constructor(scenario: Scenario, invariant: string, { maxSteps = MAX_SHRINK_STEPS, signal }: ShrinkOptions) {
    this.#scenario = scenario;
    this.#invariant = invariant;
    this.#isSafety = isSafety(scenario, invariant);
    this.#maxSteps = maxSteps;
    this.#signal = signal;
  }

  async begin(found: Schedule): Promise<void> {
    const attempt = this.#failing(await recordRun(this.#scenario, new ReplayedChoices(found)));
    if (attempt === null)
      throw new Error(`the schedule does not violate ${JSON.stringify(this.#invariant)} again`);
    this.#best = attempt;
    this.#steps = 0;
  }

  async shrink(): Promise<Shrunk> {
    const judge = (attempt: Attempt): boolean => {
      this.#improve(this.#failing(attempt));
      return false;
    };
    await runUntil(this.#scenario, this.#attempt(), judge, this.#isNoSmaller, this.#signal);
    const { failure, schedule, cost } = this.#best;
    return { failure, schedule, cost, cutShort: this.#isDone ? null : this.#whyEnded };
  }

  /** Pass after pass, round and round, until each has done what it can for the best there is. */
  *#attempt(): Iterable<Choices> {
    const passes = [
      this.#cutTail,
      this.#dropFaults,
      this.#dropProcesses,
      this.#searchWithout,
      this.#dropSwitches,
      this.#dropMachine,
      this.#dropMoments,
    ];
    for (let idle = 0, at = 0; idle < passes.length && this.#mayTry; at = (at + 1) % passes.length) {
      const before = this.#best;
      yield* this.#exhaust(passes[at]!);
      idle = this.#best === before ? idle + 1 : 1;
    }
    this.#isDone = this.#mayTry;
  }

  /** A pass begins anew with each attempt of it that is smaller. */
  *#exhaust(pass: () => Iterable<Choices>): Iterable<Choices> {
    for (let best: FailingAttempt | null = null; best !== this.#best; ) {
      best = this.#best;
      for (const attempt of pass.call(this)) {
        if (!this.#mayTry) return;
        this.#attempts++;
        yield attempt;
        if (this.#best !== best) break;
      }
    }
  }

  /** Looked at before each attempt is put together, too: of a long actions that takes a while. */
  get #mayTry(): boolean {
    return this.#whyEnded === null;
  }

  get #whyEnded(): string | null {
    if (this.#attempts >= MAX_ATTEMPTS) return `after ${whole(this.#attempts)} attempts`;
    if (this.#steps >= this.#maxSteps) return `after ${whole(this.#steps)} steps`;
    if (!this.#signal?.aborted) return null;
    return this.#signal instanceof Deadline ? this.#signal.why : 'interrupted';
  }

  /** The log ends earlier; after it come default choices. */
  *#cutTail(): Iterable<Choices> {
    const { actions } = this.#best;
    for (let keep = 0; keep < actions.length; keep = keep === 0 ? 1 : keep * 2) {
      yield this.#guided(actions.slice(0, keep));
    }
  }

  *#dropFaults(): Iterable<Choices> {
    const { actions } = this.#best;
    for (const [at, { kind }] of actions.entries()) {
      if (kind === 'fault') yield this.#guided(actions.toSpliced(at, 1));
    }
  }

  /** A start is left out, with all that its process did. */
  *#dropProcesses(): Iterable<Choices> {
    for (const without of this.#withoutOneMore()) yield this.#guided(this.#best.actions, without);
  }

  /**
   * Without some process another may have to play its part, which no cut of the actions gives: so a few runs are searched
   * anew for the same failure.
   */
  *#searchWithout(): Iterable<Choices> {
    const { schedule } = this.#best;
    for (const without of this.#withoutOneMore()) {
      const key = `${without.absent.join()} ${without.optional.join()}`;
      if (this.#searched.has(key)) continue;
      this.#searched.add(key);
      for (let seed = 0; seed < RUNS_ANEW; seed++) {
        const anew = DEFAULT_STRATEGY.choices(seed, { choices: schedule.schedule.length });
        yield new WithStarts(anew, without);
      }
    }
  }

  /**
   * The starts of the smallest run with one more left out, the last first. One that the scenario demands is left out only
   * where that cannot be the violation itself: see {@link isSafety}.
   */
  *#withoutOneMore(): Iterable<Circumstances> {
    const { absent, optional, machine } = this.#best;
    const left = { absent, optional, machine };
    for (let at = optional.length - 1; at >= 0; at--) {
      if (optional[at] === 0) yield { ...left, optional: optional.with(at, 1) };
    }
    if (!this.#isSafety) return;
    for (let at = absent.length - 1; at >= 0; at--) {
      if (absent[at] === 0) yield { ...left, absent: absent.with(at, 1) };
    }
  }

  /** What a process does in one go is left out, with the time that passes after it, or put right behind what it did before. */
  *#dropSwitches(): Iterable<Choices> {
    const blocks = blocksOf(this.#best.actions, true);
    yield* this.#dropBlocks(blocks, blocks.length);
  }

  /** The same, but time passes all the same: of many timers that is many attempts for little. */
  *#dropMoments(): Iterable<Choices> {
    yield* this.#dropBlocks(blocksOf(this.#best.actions, false), MOMENTS_AT_ONCE);
  }

  *#dropBlocks(blocks: readonly ActionLog[], most: number): Iterable<Choices> {
    for (let size = most; size >= 1 && this.#mayTry; size = Math.floor(size / 2)) {
      for (let at = blocks.length - size; at >= 0 && this.#mayTry; at--) {
        yield this.#guided(blocks.toSpliced(at, size).flat());
        if (size === 1) yield* this.#moveBack(blocks, at);
      }
    }
  }

  *#moveBack(blocks: readonly ActionLog[], at: number): Iterable<Choices> {
    const owner = ownerOf(blocks[at]!);
    for (let to = at - 2; to >= 0; to--) {
      if (ownerOf(blocks[to]!) !== owner) continue;
      const block = blocks[at]!;
      yield this.#guided(
        blocks
          .toSpliced(at, 1)
          .toSpliced(to + 1, 0, block)
          .flat(),
      );
      return;
    }
  }

  *#dropMachine(): Iterable<Choices> {
    const { actions, machine } = this.#best;
    if (machine.some((choice) => choice !== 0)) yield this.#guided(actions, { ...this.#best, machine: [] });
  }

  #guided(actions: ActionLog, circumstances: Circumstances = this.#best): Choices {
    return new ActionReplayer(actions, circumstances);
  }

  /** A run only becomes more complicated: one that is not smaller by now need not be made to its end. */
  readonly #isNoSmaller = (run: Run): boolean => !isLess(costOf(run), this.#best.cost);

  #improve(attempt: FailingAttempt | null): void {
    if (attempt !== null && isLess(attempt.cost, this.#best.cost)) this.#best = attempt;
  }

  /** Null: it does not fail in the same way. */
  #failing({ run, ...attempt }: Attempt): FailingAttempt | null {
    this.#steps += run.machine.scheduler.steps;
    if (run.failure?.invariant !== this.#invariant || !run.idleIsSlow) return null;
    return { ...attempt, failure: run.failure, cost: costOf(run) };
  }
}

/** The choices of another source, but for the starts that are left out. */
class WithStarts implements Choices {
  readonly #source: Choices;
  readonly #starts: Circumstances;
  readonly #at = { absent: 0, optional: 0 };

  constructor(source: Choices, starts: Circumstances) {
    this.#source = source;
    this.#starts = starts;
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    if (concern === 'absent' || concern === 'optional')
      return this.#starts[concern][this.#at[concern]++] ?? 0;
    return this.#source.choose(n, concern, candidates);
  }
}

function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** Invariants of every run whose violation shows at one step: no process that has yet to run could have prevented it. */
const SAFE: readonly string[] = [
  BUILT_IN.crash,
  BUILT_IN.deadlock,
  BUILT_IN['shared-memory'],
  BUILT_IN.ambient,
];

/**
 * Whether a violation of an invariant stands when a process never gets to run. So it is for safety, where such a process is
 * merely slow. Whether something comes true in the end may depend on that very process.
 */
function isSafety({ invariants }: Scenario, name: string): boolean {
  const invariant = invariants.find((candidate) => candidate.name === name);
  return invariant === undefined ? SAFE.includes(name) : invariant.kind === 'always';
}

export function costOf({ machine, faults }: Run): Cost {
  return {
    faults,
    contenders: machine.acting,
    switches: machine.scheduler.switches,
    steps: machine.scheduler.steps,
  };
}

function isLess(a: Cost, b: Cost): boolean {
  for (const key of ['faults', 'contenders', 'switches', 'steps'] as const) {
    if (a[key] !== b[key]) return a[key] < b[key];
  }
  return false;
}

/** A actions in pieces of one process each, with the time that passes after it or without. Faults stand alone. */
function blocksOf(actions: ActionLog, withTime: boolean): Action[][] {
  const blocks: Action[][] = [];
  for (const episode of actions) {
    const last = blocks.at(-1);
    if (last !== undefined && belongsTo(last, episode, withTime)) last.push(episode);
    else blocks.push([episode]);
  }
  return blocks;
}

function belongsTo(block: ActionLog, episode: Action, withTime: boolean): boolean {
  if (episode.kind === 'advance') return withTime && !episode.busy;
  return ownerOf(block) !== null && ownerOf(block) === ownerOf([episode]);
}

function ownerOf([first]: readonly Action[]): number | null {
  return first?.kind === 'step' ? first.process : null;
}
