/** Remembers which processes have no mark, so that an owner need not read the files of every process again and again. */

/** The first look may come between fork(2) and execve(2), when a child still shows the environment of its parent, or none. */
const LOOKS = 2;
/** So often all are looked at: a PID may have passed to another process between two looks. */
const ALL_EVERY = 20;

export class Unmarked {
  /** How often a process was seen without a mark, by its PID. */
  readonly #seen = new Map<number, number>();
  #turn = 0;

  /** For the state of who keeps it. */
  get state(): object {
    return [this.#turn % ALL_EVERY, [...this.#seen]];
  }

  /** Those of all processes that must be looked at this time. */
  toLookAt(all: readonly number[]): readonly number[] {
    const existing = new Set(all);
    for (const pid of this.#seen.keys()) if (!existing.has(pid)) this.#seen.delete(pid);
    if (this.#turn++ % ALL_EVERY === 0) this.#seen.clear();
    return all.filter((pid) => (this.#seen.get(pid) ?? 0) < LOOKS);
  }

  note(pid: number): void {
    this.#seen.set(pid, (this.#seen.get(pid) ?? 0) + 1);
  }
}
