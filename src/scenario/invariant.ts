import { naming } from './thrown.ts';
import type { World } from './world.ts';

/** What is wrong, for a reader; null when nothing is. */
export type Complaint = string | null;

/** Something that must hold in every run, or be reached in some: see {@link always}, {@link eventually}, {@link sometimes}. */
export type Invariant = Always | Eventually | Sometimes;

/**
 * What must have happened in some run for an invariant to mean anything: that there is at most one owner says nothing of
 * runs without an owner. If no run met it, the check is inconclusive.
 */
export interface Precondition {
  /** For a reader, after "never exercised, because in no run": `a process marked "own"`. */
  readonly what: string;
  /** Asked at the end of each run. */
  readonly met: (world: World) => boolean;
  /** Whether a check that never met it can still pass; the report names it all the same. Default: false. */
  readonly optional?: boolean;
}

/** Safety: true at each step. */
export interface Always {
  readonly kind: 'always';
  readonly name: string;
  readonly check: (world: World) => Complaint;
  /** `change`: only after steps in which a process started, ended, was signalled or said something. */
  readonly when: 'step' | 'change';
  /** Null or absent: it means something in every run. */
  readonly requires?: Precondition | null;
}

/** Liveness: true at the end, after the faults have stopped and the dust has settled. */
export interface Eventually {
  readonly kind: 'eventually';
  readonly name: string;
  readonly check: (world: World) => Complaint;
  /** Null or absent: it means something in every run. */
  readonly requires?: Precondition | null;
}

/** Must be reached in some run, or the runs prove nothing. */
export interface Sometimes {
  readonly kind: 'sometimes';
  readonly name: string;
  readonly happened: (world: World) => boolean;
}

/** When an invariant is asked, and what it requires. */
export interface AlwaysOptions extends InvariantOptions {
  /** Default: `step`. `change` is faster: only after steps in which a process started, ended, was signalled or marked something. */
  when?: 'step' | 'change';
}

/** What an invariant requires. */
export interface InvariantOptions {
  /**
   * What must have happened in some run for the invariant to mean anything: a mark that a program makes, or a
   * {@link Precondition}. If it happened in no run, the check is inconclusive. Default: nothing.
   */
  requires?: string | Precondition;
}

/**
 * Safety: must hold after each step of every run.
 *
 * @param check says what is wrong, or returns null
 */
export function always(
  name: string,
  check: (world: World) => Complaint,
  { when = 'step', requires, ...unknown }: AlwaysOptions = {},
): Always {
  // What is not known is for `scenario` to refuse: it says where.
  return { ...unknown, kind: 'always', name, check, when, requires: preconditionOf(requires) };
}

/**
 * Liveness: must hold at the end of every run, when the faults have stopped and the dust has settled.
 *
 * @param check says what is wrong, or returns null
 */
export function eventually(
  name: string,
  check: (world: World) => Complaint,
  { requires, ...unknown }: InvariantOptions = {},
): Eventually {
  return { ...unknown, kind: 'eventually', name, check, requires: preconditionOf(requires) };
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
  return naming(`sometimes ${JSON.stringify(name)}`, () => yesOrNo(happened(world)));
}

/** Whether a run has met what an invariant requires. What its question throws names it. */
export function isMet({ name, requires }: Always | Eventually, world: World): boolean {
  if (!requires) return true;
  return naming(`what ${JSON.stringify(name)} requires`, () => yesOrNo(requires.met(world)));
}

/**
 * The same invariant for a scenario that need not exercise it: whether a run meets what it requires is counted and reported,
 * and the verdict does not depend on it. For sets of invariants that many scenarios share.
 */
export function ifExercised<I extends Always | Eventually>(invariant: I): I {
  return invariant.requires
    ? { ...invariant, requires: { ...invariant.requires, optional: true } }
    : invariant;
}

/** A promise, of which nothing is known yet, would count as a yes. */
function yesOrNo(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  const got =
    answer instanceof Promise ? 'a promise' : typeof answer === 'object' ? 'an object' : String(answer);
  throw new TypeError(`returned ${got}: expected true or false`);
}

function preconditionOf(requires: InvariantOptions['requires']): Precondition | null {
  if (typeof requires !== 'string') return requires ?? null;
  return { what: `a process marked ${JSON.stringify(requires)}`, met: (world) => world.marks.has(requires) };
}
