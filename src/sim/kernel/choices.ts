/**
 * Everything undetermined in a run is one call: `choose`. What it returns is below `n`; 0 is always the default
 * choice (go on with the same process, no fault, no jump of time), so a run of default choices is all zeros.
 */
export interface Choices {
  /**
   * @param n how many there are to choose from, at least 2
   * @param concern each has a stream of its own: dropping a choice of one shifts none of the others
   * @param candidates for `schedule` and `fault`: the operations that could happen, for strategies that look at more than a number; for
   *   `target`: the processes that could be hit, if that is what is chosen; for `preempt`: the call, and then the operations that could
   *   happen before it
   */
  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number;
}

/** In the order in which a token stores their streams: append only. */
export const CHOICE_KINDS = [
  /** Which parked operation happens next, while faults may strike. 0: the same process goes on. */
  'schedule',
  /** The same, after the faults have stopped. */
  'settle',
  /** Whether time passes although a process could go on: a slow, busy machine. */
  'time',
  /** Whether a fault strikes before the next operation, and which. */
  'fault',
  /** What a fault strikes, for how long, and how far. */
  'target',
  /** Whether a process that the scenario demands is left out: only shrinking and replay choose 1. */
  'absent',
  /** What the machine itself leaves open: order of directory entries, delays. */
  'machine',
  /** Whether a start with `optional: true` is left out of this run. */
  'optional',
  /** Whether other processes go on before a synchronous call of a process happens. */
  'preempt',
] as const;

export type ChoiceKind = (typeof CHOICE_KINDS)[number];

/** The operations that could happen next, in the order of the choice. */
export interface EnabledSet {
  count(): number;
  /** A small number that names the process of candidate `i` throughout the run. */
  processOf(i: number): number;
  /** A number that names candidate `i` throughout the run and grows with the time it was parked. */
  sequenceOf(i: number): number;
  /** What candidate `i` is asked to do, named alike in all runs. Costs more than the others: only for strategies that use it. */
  nameOf(i: number): string;
}
