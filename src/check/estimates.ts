import { type Coverage, CoverageCounter } from '../run/coverage.ts';
import { Deadline, type Stop } from '../run/deadline.ts';
import { executeAll } from '../run/execute.ts';
import type { Failure } from '../run/failure.ts';
import { RecordedChoices } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { TraceEvent } from '../run/trace.ts';
import type { Scenario } from '../scenario/options.ts';
import { OperationMeter } from '../schedule/measured-operations.ts';
import { RandomChoices } from '../schedule/random.ts';
import type { Estimates, ProfiledOperation } from '../schedule/strategies/strategy.ts';
import type { AccessWatch, ChoiceKind, Choices, EnabledSet } from '../sim/index.ts';
import { keepFirstRuns } from './isolation/first-runs.ts';
import type { TracedRun } from './isolation/traced-run.ts';

/** A single run may end early, because optional processes are left out. Chosen by hand. */
const FIRST_RUNS = 3;

const known = new WeakMap<Scenario, Promise<Estimates | null>>();

const UNLIMITED = new Deadline(Number.POSITIVE_INFINITY);

/**
 * Estimates from a few runs with fixed seeds, so that all shards and workers have the same.
 *
 * @param deadline stops early, but a first run that has begun is always completed
 * @returns `null` if stopped early
 */
export async function estimatesOf(
  scenario: Scenario,
  hangTimeoutMs: number | undefined,
  deadline: Deadline = UNLIMITED,
): Promise<Estimates | null> {
  const learned = known.get(scenario) ?? learnHints(scenario, hangTimeoutMs, deadline);
  known.set(scenario, learned);
  let estimates: Estimates | null = null;
  try {
    estimates = await learned;
  } finally {
    // Partial estimates would give other runs for the same seed, so the next search starts again.
    if (estimates === null && known.get(scenario) === learned) known.delete(scenario);
  }
  return estimates !== null || deadline.aborted ? estimates : estimatesOf(scenario, hangTimeoutMs, deadline);
}

async function learnHints(
  scenario: Scenario,
  hangTimeoutMs: number | undefined,
  deadline: Deadline,
): Promise<Estimates | null> {
  const profiler = new Profiler();
  const first: TracedRun[] = [];
  const coverage = new CoverageCounter(scenario);
  let steps = 0;
  /** An exception of a predicate of the scenario. The search meets it too, if there is time. */
  let thrown: { readonly error: unknown } | null = null;
  let whole = false;
  let recorded: RecordedChoices;
  let events: TraceEvent[];
  let seed = 0;
  const next = (): Run | null => {
    whole = seed === FIRST_RUNS;
    if (whole || deadline.aborted) return null;
    profiler.begin(new RandomChoices(seed++));
    recorded = new RecordedChoices(profiler);
    events = [];
    const run = new Run(scenario, recorded, { trace: events });
    run.machine.watch = profiler.watch;
    return run;
  };
  const done = (run: Run, failure: Failure | null): void => {
    try {
      coverage.add(run);
    } catch (error) {
      thrown ??= { error };
    }
    profiler.endRun();
    steps += run.machine.scheduler.steps;
    first.push({ schedule: recorded.schedule, events, failure });
    // After a failure, further runs add nothing.
    if (failure !== null) seed = FIRST_RUNS;
  };
  const stop: Stop = {
    get aborted() {
      return first.length === 0 ? deadline.why === 'interrupted' : deadline.aborted;
    },
  };
  await executeAll(next, done, hangTimeoutMs, stop);
  const countsOf = (): Coverage => {
    if (thrown !== null) throw thrown.error;
    return coverage.counts;
  };
  if (first.length > 0) keepFirstRuns(scenario, { runs: first, steps, coverage: countsOf });
  return whole ? profiler.estimates : null;
}

/** Observes a run choice by choice. */
class Profiler implements Choices {
  #source!: Choices;
  #runs = 0;
  #choices = 0;
  #mostChoices = 0;
  readonly #steps: number[] = [];
  readonly #meter = new OperationMeter();
  /** By name of an operation, how often each process was chosen to perform it. */
  readonly #times = new Map<string, number[]>();

  begin(source: Choices): void {
    this.#source = source;
    this.#choices = 0;
    this.#runs++;
  }

  /** Of the run that has begun. */
  get watch(): AccessWatch {
    return this.#meter;
  }

  endRun(): void {
    this.#meter.endRun();
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    const choice = this.#source.choose(n, concern, candidates);
    if (concern === 'schedule') this.#saw(choice, candidates!);
    return choice;
  }

  get estimates(): Estimates {
    const operations: [string, ProfiledOperation][] = [];
    let contested = 0;
    const measuredOperations = this.#meter.operations;
    for (const name of new Set([...measuredOperations.keys(), ...this.#times.keys()])) {
      // A process begins without touching anything.
      const measured = measuredOperations.get(name) ?? { changes: false, conflicts: new Set() };
      const times = this.#times.get(name) ?? [];
      operations.push([name, { ...measured, times }]);
      if (measured.conflicts.size > 0) for (const count of times) contested += count ?? 0;
    }
    const contestedChoices = Math.ceil(contested / Math.max(1, this.#runs));
    const profile = { steps: this.#steps, operations: new Map(operations), contestedChoices };
    return { choices: this.#mostChoices, profile };
  }

  #saw(choice: number, candidates: EnabledSet): void {
    const process = candidates.processOf(choice);
    const name = candidates.nameOf(choice);
    this.#mostChoices = Math.max(this.#mostChoices, ++this.#choices);
    this.#steps[process] = (this.#steps[process] ?? 0) + 1;
    const times = this.#times.get(name) ?? [];
    times[process] = (times[process] ?? 0) + 1;
    this.#times.set(name, times);
  }
}
