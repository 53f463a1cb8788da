import type { Candidates, Choices, Concern } from '../../sim/index.ts';
import { executeAll } from '../execute.ts';
import { keepFirstRuns } from '../isolation/first-runs.ts';
import type { TracedRun } from '../isolation/traced-run.ts';
import { type Failure, Run } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { TraceEvent } from '../trace.ts';
import { RandomChoices } from './random.ts';
import { RecordedChoices } from './recorded.ts';
import type { Hints, Profile } from './strategies/strategy.ts';

/** One run may be over at once, because many are left out; of a few, one goes far. */
const FIRST_RUNS = 3;

const known = new WeakMap<Scenario, Promise<Hints>>();

/** From a few runs with fixed choices, so that every shard and worker knows the same. */
export function hintsOf(scenario: Scenario, patienceMs: number | undefined): Promise<Hints> {
  const hints = known.get(scenario) ?? learnHints(scenario, patienceMs);
  known.set(scenario, hints);
  return hints;
}

async function learnHints(scenario: Scenario, patienceMs: number | undefined): Promise<Hints> {
  const profiler = new Profiler();
  const first: TracedRun[] = [];
  let recorded: RecordedChoices;
  let events: TraceEvent[];
  let seed = 0;
  const next = (): Run | null => {
    if (seed === FIRST_RUNS) return null;
    profiler.begin(new RandomChoices(seed++));
    recorded = new RecordedChoices(profiler);
    events = [];
    return new Run(scenario, recorded, { trace: events });
  };
  const done = (_: Run, failure: Failure | null): void => {
    first.push({ schedule: recorded.schedule, events, failure });
    // One that fails, or has to be ended by force, tells nothing more.
    if (failure !== null) seed = FIRST_RUNS;
  };
  await executeAll(next, done, patienceMs);
  keepFirstRuns(scenario, first);
  return profiler.hints;
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

  choose(n: number, concern: Concern, candidates?: Candidates): number {
    const choice = this.#source.choose(n, concern, candidates);
    if (concern === 'schedule') this.#saw(choice, candidates!);
    return choice;
  }

  get hints(): Hints {
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

  #saw(choice: number, candidates: Candidates): void {
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
