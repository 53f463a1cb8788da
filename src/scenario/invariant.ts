import { naming } from './thrown.ts';
import type { World } from './world.ts';

/** A message that says what is wrong; `null` if nothing is. */
export type Complaint = string | null;

/** Something that must hold in every run, or be reached in some run: see {@link always}, {@link eventually}, {@link sometimes}. */
export type Invariant = Always | Eventually | Sometimes;

/**
 * What must happen in some run for an invariant to be meaningful: "at most one owner" proves nothing if there was never an
 * owner. If no run meets it, the check is inconclusive.
 */
export interface Precondition {
  /** Completes "never exercised, because in no run": `a process marked "own"`. */
  readonly what: string;
  /** Evaluated at the end of each run. */
  readonly met: (world: World) => boolean;
  /** Whether a check can pass without meeting it; the report names it anyway. Default: false. */
  readonly optional?: boolean;
}

/** Safety: must be true at each step. */
export interface Always {
  readonly kind: 'always';
  readonly name: string;
  readonly check: (world: World) => Complaint;
  /** `change`: only checked after steps in which a process started, ended, was signalled or marked something. */
  readonly when: 'step' | 'change';
  /** Null or absent: it means something in every run. */
  readonly requires?: Precondition | null;
}

/** Liveness: must be true at the end, after the faults have stopped and the system has settled. */
export interface Eventually {
  readonly kind: 'eventually';
  readonly name: string;
  readonly check: (world: World) => Complaint;
  /** Null or absent: it means something in every run. */
  readonly requires?: Precondition | null;
}

/** Must be reached in some run, otherwise the runs prove nothing. */
export interface Sometimes {
  readonly kind: 'sometimes';
  readonly name: string;
  readonly happened: (world: World) => boolean;
}

/** When an invariant is checked, and what it requires. */
export interface AlwaysOptions extends InvariantOptions {
  /** Default: `step`. `change` is faster: only after steps in which a process started, ended, was signalled or marked something. */
  when?: 'step' | 'change';
}

/** What an invariant requires. */
export interface InvariantOptions {
  /**
   * What must happen in some run for the invariant to be meaningful: a mark, or a {@link Precondition}. If it happens in
   * no run, the check is inconclusive. Default: nothing.
   */
  requires?: string | Precondition;
}

/**
 * Safety: must hold after each step of every run.
 *
 * @param check returns what is wrong, or `null`
 */
export function always(
  name: string,
  check: (world: World) => Complaint,
  { when = 'step', requires, ...unknown }: AlwaysOptions = {},
): Always {
  // Unknown options are kept, so that `scenario` can reject them and say where they are.
  return { ...unknown, kind: 'always', name, check, when, requires: preconditionOf(requires) };
}

/**
 * Liveness: must hold at the end of every run, after the faults have stopped and the system has settled.
 *
 * @param check returns what is wrong, or `null`
 */
export function eventually(
  name: string,
  check: (world: World) => Complaint,
  { requires, ...unknown }: InvariantOptions = {},
): Eventually {
  return { ...unknown, kind: 'eventually', name, check, requires: preconditionOf(requires) };
}

/**
 * Non-vacuity: some run must reach it, otherwise the check proves nothing and is inconclusive.
 *
 * @param reached a mark that some program must make, or a predicate that is evaluated at the end of each run
 */
export function sometimes(name: string, reached: string | ((world: World) => boolean)): Sometimes {
  const happened = typeof reached === 'string' ? isMarked(reached) : reached;
  return { kind: 'sometimes', name, happened };
}

/** The mark that an invariant looks for, by the predicate made of it. */
const marksSought = new WeakMap<(world: World) => boolean, string>();

function isMarked(mark: string): (world: World) => boolean {
  const predicate = (world: World): boolean => world.marks.has(mark);
  marksSought.set(predicate, mark);
  return predicate;
}

/** The mark without which an invariant proves nothing; `null` if there is none. */
export function markSoughtBy(invariant: Invariant): string | null {
  if (invariant.kind === 'sometimes') return marksSought.get(invariant.happened) ?? null;
  const { requires } = invariant;
  return requires && requires.optional !== true ? (marksSought.get(requires.met) ?? null) : null;
}

/** Whether a run has reached it. If its predicate throws, the message names it. */
export function hasHappened({ name, happened }: Sometimes, world: World): boolean {
  return naming(`sometimes ${JSON.stringify(name)}`, () => yesOrNo(happened(world)));
}

/** Whether a run has met what an invariant requires. If the predicate throws, the message names it. */
export function isMet({ name, requires }: Always | Eventually, world: World): boolean {
  if (!requires) return true;
  return naming(`what ${JSON.stringify(name)} requires`, () => yesOrNo(requires.met(world)));
}

/**
 * The same invariant for a scenario that need not exercise it: how many runs meet its requirement is reported, but does not
 * affect the verdict. For sets of invariants that many scenarios share.
 */
export function ifExercised<I extends Always | Eventually>(invariant: I): I {
  return invariant.requires
    ? { ...invariant, requires: { ...invariant.requires, optional: true } }
    : invariant;
}

/** Rejects other values, because a promise, for example, would count as true. */
function yesOrNo(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  const got =
    answer instanceof Promise ? 'a promise' : typeof answer === 'object' ? 'an object' : String(answer);
  throw new TypeError(`returned ${got}: expected true or false`);
}

function preconditionOf(requires: InvariantOptions['requires']): Precondition | null {
  if (typeof requires !== 'string') return requires ?? null;
  return { what: `a process marked ${JSON.stringify(requires)}`, met: isMarked(requires) };
}
