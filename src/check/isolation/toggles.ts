// Finds variables that processes of one run share: a lock in memory is free again at the end, and no repetition shows it.

import { executeOne } from '../../run/execute.ts';
import { ReplayedChoices } from '../../run/recorded-choices.ts';
import { Run } from '../../run/run.ts';
import { always } from '../../scenario/invariant.ts';
import type { Scenario } from '../../scenario/options.ts';
import type { World } from '../../scenario/world.ts';
import type { SimProcess } from '../../sim/index.ts';
import type { Memory, Snapshot } from './memory.ts';
import type { TracedRun } from './traced-run.ts';

/** Scopes that are read in one run at most; one costs about 50 µs. */
const MOST_READS = 96;
const FEWEST_SAMPLES = 8;
const MOST_SAMPLES = 40;

/**
 * The keys of variables that, in this run, were changed, seen so by another process, and changed back.
 *
 * A variable that is set once is none of them: if it makes a difference, the first run differs from a later one.
 */
export async function togglesIn(
  scenario: Scenario,
  memory: Memory,
  { schedule, events }: TracedRun,
  patienceMs: number | undefined,
): Promise<string[]> {
  const steps = events.at(-1)?.step ?? 0;
  const samples = Math.min(
    MOST_SAMPLES,
    Math.max(FEWEST_SAMPLES, Math.floor(MOST_READS / Math.max(1, memory.size))),
  );
  const pids = new Set(events.filter(({ op }) => op === 'start').map(({ args }) => String(args.pid)));
  const watch = new Watch(memory, samplesOf(steps, samples), pids);
  // Without its own invariants: what they keep in memory is theirs.
  const watched: Scenario = {
    ...scenario,
    invariants: [always('variables are watched', (world) => watch.look(world))],
  };
  const listener = { stepped: (process: SimProcess) => watch.stepped(process) };
  await executeOne(new Run(watched, new ReplayedChoices(schedule), { listener }), patienceMs);
  return watch.end();
}

/** Half of them at the beginning, one after the other; the others spread over the rest. */
function samplesOf(steps: number, count: number): ReadonlySet<number> {
  if (steps <= count) return new Set(Array.from({ length: steps + 1 }, (_, step) => step));
  const dense = Math.floor(count / 2);
  const apart = (steps - dense) / (count - dense);
  return new Set(
    Array.from({ length: count }, (_, i) => (i < dense ? i : Math.round(dense + (i - dense + 1) * apart))),
  );
}

/** A variable that is not as it was when the run began. */
interface Deviation {
  /** Who may have changed it. */
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
  /** Who has made steps since the last look. */
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
