import { type Coverage, CoverageCounter } from '../run/coverage.ts';
import { Deadline, type Stop } from '../run/deadline.ts';
import { executeAll } from '../run/execute.ts';
import type { Failure } from '../run/failure.ts';
import { RecordedChoices } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { TraceEvent } from '../run/trace.ts';
import type { Scenario } from '../scenario/options.ts';
import { RandomChoices } from '../schedule/random.ts';
import type { Estimates, Profile } from '../schedule/strategies/strategy.ts';
import type { ChoiceKind, Choices, EnabledSet } from '../sim/index.ts';
import { keepFirstRuns } from './isolation/first-runs.ts';
import type { TracedRun } from './isolation/traced-run.ts';

/** One run may be over at once, because many are left out; of a few, one goes far. */
const FIRST_RUNS = 3;

const known = new WeakMap<Scenario, Promise<Estimates | null>>();

const UNLIMITED = new Deadline(Number.POSITIVE_INFINITY);

/**
 * From a few runs with fixed choices, so that every shard and worker knows the same.
 *
 * @param deadline ends them early. When the time is up, the first is made to its end all the same, once it has begun
 * @returns null: ended early
 */
export async function estimatesOf(
  scenario: Scenario,
  patienceMs: number | undefined,
  deadline: Deadline = UNLIMITED,
): Promise<Estimates | null> {
  const learned = known.get(scenario) ?? learnHints(scenario, patienceMs, deadline);
  known.set(scenario, learned);
  let estimates: Estimates | null = null;
  try {
    estimates = await learned;
  } finally {
    // Part of the runs would give other estimates, and the same seed other runs: the next search makes them all.
    if (estimates === null && known.get(scenario) === learned) known.delete(scenario);
  }
  return estimates !== null || deadline.aborted ? estimates : estimatesOf(scenario, patienceMs, deadline);
}

async function learnHints(
  scenario: Scenario,
  patienceMs: number | undefined,
  deadline: Deadline,
): Promise<Estimates | null> {
  const profiler = new Profiler();
  const first: TracedRun[] = [];
  const coverage = new CoverageCounter(scenario);
  let steps = 0;
  /** By the scenario's own questions: the search comes upon it too, if there is time for one. */
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
    return new Run(scenario, recorded, { trace: events });
  };
  const done = (run: Run, failure: Failure | null): void => {
    try {
      coverage.add(run);
    } catch (error) {
      thrown ??= { error };
    }
    steps += run.machine.scheduler.steps;
    first.push({ schedule: recorded.schedule, events, failure });
    // One that fails, or has to be ended by force, tells nothing more.
    if (failure !== null) seed = FIRST_RUNS;
  };
  const stop: Stop = {
    get aborted() {
      return first.length === 0 ? deadline.why === 'interrupted' : deadline.aborted;
    },
  };
  await executeAll(next, done, patienceMs, stop);
  const countsOf = (): Coverage => {
    if (thrown !== null) throw thrown.error;
    return coverage.counts;
  };
  if (first.length > 0) keepFirstRuns(scenario, { runs: first, steps, coverage: countsOf });
  return whole ? profiler.estimates : null;
}

/** Looks at what a run does, choice by choice. */
class Profiler implements Choices {
  #source!: Choices;
  #runs = 0;
  #choices = 0;
  #mostChoices = 0;
  readonly #steps: number[] = [];
  readonly #touched = new Map<string, { written: boolean; times: number[] }>();

  begin(source: Choices): void {
    this.#source = source;
    this.#choices = 0;
    this.#runs++;
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    const choice = this.#source.choose(n, concern, candidates);
    if (concern === 'schedule') this.#saw(choice, candidates!);
    return choice;
  }

  get estimates(): Estimates {
    const contested = this.#contested;
    let touches = 0;
    for (const times of contested.values()) for (const count of times) touches += count ?? 0;
    const contestedChoices = Math.ceil(touches / Math.max(1, this.#runs));
    return { choices: this.#mostChoices, profile: { steps: this.#steps, contested, contestedChoices } };
  }

  get #contested(): Profile['contested'] {
    const contested = new Map<string, readonly number[]>();
    for (const [resource, { written, times }] of this.#touched) {
      if (written && times.filter((count) => count > 0).length > 1) contested.set(resource, times);
    }
    return contested;
  }

  #saw(choice: number, candidates: EnabledSet): void {
    const process = candidates.processOf(choice);
    const { resources, writes } = candidates.footprintOf(choice);
    this.#mostChoices = Math.max(this.#mostChoices, ++this.#choices);
    this.#steps[process] = (this.#steps[process] ?? 0) + 1;
    for (const resource of resources) {
      const touched = this.#touched.get(resource) ?? { written: false, times: [] };
      this.#touched.set(resource, touched);
      touched.written ||= writes;
      touched.times[process] = (touched.times[process] ?? 0) + 1;
    }
  }
}
