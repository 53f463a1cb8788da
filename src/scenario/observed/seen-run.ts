/** What a run has seen of processes that the machine does not keep: who started them, when, and whether they have ever owned. */
import { accesses, type SimProcess, type StateVisitor } from '../../sim/index.ts';

/** The cell of all of it. */
const SEEN = 'seen owners';

/** Since the run began, in simulated milliseconds. */
export interface RunTimes {
  /** When faults stop striking. */
  readonly faultsForMs: number;
  /** When the run ends: it may be over before, if nothing more can happen. */
  readonly endsAtMs: number;
}

export class SeenRun {
  readonly times: RunTimes;
  readonly #owned = new Set<SimProcess>();
  readonly #starts = new Map<SimProcess, { readonly by: SimProcess | null; readonly atMs: number }>();
  #faults = 0;

  constructor(times: RunTimes) {
    this.times = times;
  }

  started(process: SimProcess, atMs: number): void {
    writes();
    const { parent, unawaited } = process;
    // The parent of a start that a scenario names has not started it.
    const by = unawaited || parent === null || parent.foreign ? null : parent;
    this.#starts.set(process, { by, atMs });
  }

  owns(process: SimProcess): void {
    reads();
    if (this.#owned.has(process)) return;
    writes();
    this.#owned.add(process);
  }

  struck(): void {
    writes();
    this.#faults++;
  }

  get faults(): number {
    reads();
    return this.#faults;
  }

  hasOwned(process: SimProcess): boolean {
    reads();
    return this.#owned.has(process);
  }

  startedBy(process: SimProcess): SimProcess | null {
    reads();
    return this.#starts.get(process)?.by ?? null;
  }

  startedAtMs(process: SimProcess): number {
    reads();
    return this.#starts.get(process)?.atMs ?? 0;
  }

  copy(): SeenRun {
    const copy = new SeenRun(this.times);
    for (const process of this.#owned) copy.#owned.add(process);
    for (const [process, start] of this.#starts) copy.#starts.set(process, start);
    copy.#faults = this.#faults;
    return copy;
  }

  visit(into: StateVisitor): void {
    into.part(into.cells.of(SEEN));
    into.number(this.#faults);
    for (const { index } of this.#owned) into.number(index);
    for (const [{ index }, { by, atMs }] of this.#starts) {
      into.number(index);
      into.number(by?.index ?? -1);
      into.number(atMs);
    }
  }
}

function reads(): void {
  if (accesses !== null) accesses.read(accesses.cells.of(SEEN));
}

function writes(): void {
  if (accesses !== null) accesses.update(accesses.cells.of(SEEN));
}
