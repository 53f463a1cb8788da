// Finds variables that processes of one run share and restore, such as a lock in memory, which repeating the run does not reveal.

import { executeOne } from '../../run/execute.ts';
import { ReplayedChoices } from '../../run/recorded-choices.ts';
import { Run } from '../../run/run.ts';
import { always } from '../../scenario/invariant.ts';
import type { Scenario } from '../../scenario/options.ts';
import type { World } from '../../scenario/world.ts';
import type { SimProcess } from '../../sim/index.ts';
import type { Memory, Snapshot } from './memory.ts';
import type { TracedRun } from './traced-run.ts';

/** The maximum number of scopes to read in a run; each costs about 50 µs. */
const MOST_READS = 96;
const FEWEST_SAMPLES = 8;
const MOST_SAMPLES = 40;

/**
 * The keys of variables that were changed in this run, seen changed by another process, and restored.
 *
 * Variables that are only set once are excluded: if they make a difference, the first run differs from its repetition.
 */
export async function togglesIn(
  scenario: Scenario,
  memory: Memory,
  { schedule, events }: TracedRun,
  hangTimeoutMs: number | undefined,
): Promise<string[]> {
  const steps = events.at(-1)?.step ?? 0;
  const samples = Math.min(
    MOST_SAMPLES,
    Math.max(FEWEST_SAMPLES, Math.floor(MOST_READS / Math.max(1, memory.size))),
  );
  const pids = new Set(events.filter(({ op }) => op === 'start').map(({ args }) => String(args.pid)));
  const watch = new Watch(memory, samplesOf(steps, samples), pids);
  // Without the invariants of the scenario, which may keep state in memory.
  const watched: Scenario = {
    ...scenario,
    invariants: [always('variables are watched', (world) => watch.look(world))],
  };
  const listener = { stepped: (process: SimProcess) => watch.stepped(process) };
  await executeOne(new Run(watched, new ReplayedChoices(schedule), { listener }), hangTimeoutMs);
  return watch.end();
}

/** Half of the samples at the beginning, the others spread over the rest. */
function samplesOf(steps: number, count: number): ReadonlySet<number> {
  if (steps <= count) return new Set(Array.from({ length: steps + 1 }, (_, step) => step));
  const dense = Math.floor(count / 2);
  const apart = (steps - dense) / (count - dense);
  return new Set(
    Array.from({ length: count }, (_, i) => (i < dense ? i : Math.round(dense + (i - dense + 1) * apart))),
  );
}

/** A variable that differs from the beginning of the run. */
interface Deviation {
  /** The process that may have changed it. */
  readonly since: SimProcess | null;
  seen: boolean;
}

class Watch {
  readonly #memory: Memory;
  readonly #samples: ReadonlySet<number>;
  readonly #before: Snapshot;
  readonly #deviations = new Map<string, Deviation>();
  readonly #toggled = new Set<string>();
  readonly #pids: ReadonlySet<string>;
  #last: SimProcess | null = null;
  /** The processes that have made steps since the last sample. */
  readonly #stepped = new Set<SimProcess>();

  constructor(memory: Memory, samples: ReadonlySet<number>, pids: ReadonlySet<string>) {
    this.#memory = memory;
    this.#samples = samples;
    this.#pids = pids;
    this.#before = memory.read(pids);
  }

  stepped(process: SimProcess): void {
    this.#last = process;
    this.#stepped.add(process);
  }

  look({ machine }: World): null {
    if (this.#samples.has(machine.scheduler.steps)) this.#compare();
    return null;
  }

  end(): string[] {
    this.#compare();
    return [...this.#toggled];
  }

  #compare(): void {
    const now = this.#memory.read(this.#pids);
    for (const [key, text] of now) {
      const deviation = this.#deviations.get(key);
      if (text === (this.#before.get(key) ?? 'undefined')) {
        if (deviation?.seen) this.#toggled.add(key);
        this.#deviations.delete(key);
      } else if (deviation === undefined) this.#deviations.set(key, { since: this.#last, seen: false });
      else if ([...this.#stepped].some((process) => process !== deviation.since)) deviation.seen = true;
    }
    this.#stepped.clear();
  }
}
