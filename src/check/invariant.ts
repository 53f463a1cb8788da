import { naming } from './thrown.ts';
import type { World } from './world.ts';

/** What is wrong, for a reader; null when nothing is. */
export type Complaint = string | null;

/** Something that must hold in every run, or be reached in some: see {@link always}, {@link eventually}, {@link sometimes}. */
export type Invariant = Always | Eventually | Sometimes;

/** Safety: true at each step. */
export interface Always {
  readonly kind: 'always';
  readonly name: string;
  readonly check: (world: World) => Complaint;
  /** `change`: only after steps in which a process started, ended, was signalled or said something. */
  readonly when: 'step' | 'change';
}

/** Liveness: true at the end, after the faults have stopped and the dust has settled. */
export interface Eventually {
  readonly kind: 'eventually';
  readonly name: string;
  readonly check: (world: World) => Complaint;
}

/** Must be reached in some run, or the runs prove nothing. */
export interface Sometimes {
  readonly kind: 'sometimes';
  readonly name: string;
  readonly happened: (world: World) => boolean;
}

/**
 * Safety: must hold after each step of every run.
 *
 * @param check says what is wrong, or returns null
 */
export function always(
  name: string,
  check: (world: World) => Complaint,
  { when = 'step' }: { when?: 'step' | 'change' } = {},
): Always {
  return { kind: 'always', name, check, when };
}

/**
 * Liveness: must hold at the end of every run, when the faults have stopped and the dust has settled.
 *
 * @param check says what is wrong, or returns null
 */
export function eventually(name: string, check: (world: World) => Complaint): Eventually {
  return { kind: 'eventually', name, check };
}

/**
 * Non-vacuity: some run must reach it, or the check proves nothing and is inconclusive.
 *
 * @param reached a mark that some program must have made, or a question asked at the end of each run
 */
export function sometimes(name: string, reached: string | ((world: World) => boolean)): Sometimes {
  const happened = typeof reached === 'string' ? (world: World) => world.marks.has(reached) : reached;
  return { kind: 'sometimes', name, happened };
}

/** Whether a run has reached it. What its question throws names it. */
export function hasHappened({ name, happened }: Sometimes, world: World): boolean {
  return naming(`sometimes ${JSON.stringify(name)}`, () => happened(world));
}
