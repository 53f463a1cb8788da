/** Remembers which processes have no mark, so that an owner need not read the files of every process again and again. */
import type { ProcessIdentity } from '../ports/index.ts';

/** The first look may come between fork(2) and execve(2), when a child still shows the environment of its parent, or none. */
const LOOKS = 2;
/** So often all are looked at: a PID may have passed to another process between two looks. */
const ALL_EVERY = 20;

export class Unmarked {
  /** How often a process was seen without a mark, by its PID. */
  readonly #seen = new Map<number, number>();
  /** When those were started that were spared, by their PID: it is said once. */
  readonly #spared = new Map<number, number>();
  #turn = 0;

  /** For the state of who keeps it. */
  get state(): object {
    return [this.#turn % ALL_EVERY, [...this.#seen], [...this.#spared]];
  }

  /** Those of all processes that must be looked at this time. */
  toLookAt(all: readonly number[]): readonly number[] {
    const existing = new Set(all);
    for (const known of [this.#seen, this.#spared])
      for (const pid of known.keys()) if (!existing.has(pid)) known.delete(pid);
    if (this.#turn++ % ALL_EVERY === 0) this.#seen.clear();
    return all.filter((pid) => (this.#seen.get(pid) ?? 0) < LOOKS);
  }

  note(pid: number): void {
    this.#seen.set(pid, (this.#seen.get(pid) ?? 0) + 1);
  }

  /** Whether it is spared for the first time. */
  isNews({ pid, startTicks }: ProcessIdentity): boolean {
    if (this.#spared.get(pid) === startTicks) return false;
    this.#spared.set(pid, startTicks);
    return true;
  }
}
