/** What one step of a run is, as far as it is up to the schedule. */

/** Which of the enabled transitions a step takes. */
export interface Decision {
  /** Which fault strikes, counted from 1; 0: none. */
  readonly fault: number;
  /** Time passes although a process could go on. */
  readonly busy: boolean;
  /** Which of the scheduler's candidates goes on. */
  readonly candidate: number;
  /** What is chosen within the step, in order: whom the fault strikes, what the machine leaves open. The rest is 0. */
  readonly inner: readonly number[];
}

/** The same fault hits another target, the same operation has another of its results. */
export interface InnerChoice {
  readonly options: number;
  readonly choice: number;
}

export function operation(candidate: number, inner: readonly number[] = []): Decision {
  return { fault: 0, busy: false, candidate, inner };
}

export function fault(number: number, inner: readonly number[] = []): Decision {
  return { fault: number, busy: false, candidate: 0, inner };
}

export const BUSY: Decision = { fault: 0, busy: true, candidate: 0, inner: [] };

/** The inner choices that come after these in lexicographic order; `null` after the last. */
export function nextInner(taken: readonly InnerChoice[]): number[] | null {
  for (let at = taken.length - 1; at >= 0; at--) {
    const { options, choice } = taken[at]!;
    if (choice + 1 < options) return [...taken.slice(0, at).map((inner) => inner.choice), choice + 1];
  }
  return null;
}
