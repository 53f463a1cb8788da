/**
 * Whether it is enough to let one process go on in a state: a persistent set (Godefroid, "Partial-Order Methods for the
 * Verification of Concurrent Systems", 1996) that is found afterwards, from what the search has seen below, instead of
 * beforehand from what programs might do.
 *
 * For example, in a state where `a` is about to write `/x` and `b` to read `/y`, the search explores `a` first. If nothing
 * that others do from there on, while `a` stands still, touches `/x` or what `a` read, then every run in which others go
 * first comes to the same as one in which `a` does: `b` need not be explored here.
 */
import type { Fingerprint, StateParts } from '../../sim/index.ts';
import { type Decision, fault, nextInner } from '../dfs/decision.ts';
import type { ReachedState } from '../dfs/state.ts';
import type { Explored, Transition } from '../dfs/transition.ts';
import type { AccessNumber, AccessTable } from './accesses.ts';
import { type CellSet, NO_CELLS } from './cell-sets.ts';
import { othersOf, type Summary, withoutOf } from './summary.ts';

/** A run that goes from state to state, only to look. */
export interface Probe {
  goTo(state: ReachedState): void;
  execute(decision: Decision): Transition;
  fingerprint(): Fingerprint;
  parts(): StateParts;
  isStopped(process: number): boolean;
}

/** A process's own cells: whether it runs, and what only its own operations use. */
export interface ProcessCells {
  stateOf(process: number): number;
  localOf(process: number): number;
}

/** What a fault has made of a state. */
interface Strike {
  readonly decisions: readonly Decision[];
  readonly fingerprint: Fingerprint;
  readonly isStop: boolean;
}

export class PersistentSet {
  readonly #table: AccessTable;
  readonly #cells: ProcessCells;
  /** `null`: runs cannot go back, so that no fault can be tried. */
  readonly #probe: Probe | null;

  constructor(table: AccessTable, cells: ProcessCells, probe: Probe | null) {
    this.#table = table;
    this.#cells = cells;
    this.#probe = probe;
  }

  /**
   * @param own all transitions of the process in the state, explored
   * @param faults how many choices of a fault there are; 1: none
   */
  isEnough(state: ReachedState, process: number, own: readonly Explored[], faults: number): boolean {
    const foreign = this.#foreignCells(state.processes, process);
    for (const { transition, below } of own) {
      if (below === null) return false;
      if (!this.#commutes(transition, below, this.#othersBelow(state, below, process), foreign)) return false;
    }
    return faults === 1 || this.#faultsCommute(state, process, own, faults);
  }

  /** Nothing that others do below while the process stands still can be told from what they would do before its operation. */
  #commutes({ accesses }: Transition, below: Summary, others: AccessNumber, foreign: CellSet): boolean {
    // An operation that stops, ends or wakes another process hides what that one would have done instead.
    if (this.#table.sets.intersect(this.#table.get(accesses).writes, foreign)) return false;
    return !this.#table.conflict(accesses, others, below.reads);
  }

  /**
   * What all others do below while the process stands still. Below, it has perhaps gone on until it waits, and is woken. If it does
   * not wait for anything now, its operation cannot come after that.
   */
  #othersBelow({ undisturbed }: ReachedState, below: Summary, process: number): AccessNumber {
    const others = othersOf(below, process);
    return undisturbed.has(process) ? this.#table.without(others, this.#cells.localOf(process)) : others;
  }

  /**
   * A fault on the process itself, such as its end, comes to the same before and after its operation, as far as anything reads
   * afterwards. A stop makes no difference: the operation commutes with all that others do during it.
   */
  #faultsCommute(state: ReachedState, process: number, own: readonly Explored[], faults: number): boolean {
    if (this.#probe === null) return false;
    const before = this.#strikesOn(state, process, [], faults);
    for (const { decision, below } of own) {
      const after = this.#strikesOn(state, process, [decision], faults);
      if (before.length !== after.length) return false;
      const { reads } = this.#table.get(withoutOf(below!, process));
      const isSame = before.every((strike, i) => this.#comeToTheSame(state, strike, after[i]!, reads));
      if (!isSame) return false;
    }
    return true;
  }

  /** All that faults can make of the process after some decisions. */
  #strikesOn(state: ReachedState, process: number, prefix: readonly Decision[], faults: number): Strike[] {
    const probe = this.#probe!;
    const strikes: Strike[] = [];
    for (let number = 1; number < faults; number++) {
      for (let inner: readonly number[] | null = []; inner !== null; ) {
        const decisions = [...prefix, fault(number, inner)];
        const transition = this.#execute(state, decisions);
        if (!transition.isMissed && transition.process === process) {
          strikes.push({ decisions, fingerprint: probe.fingerprint(), isStop: probe.isStopped(process) });
        }
        inner = nextInner(transition.inner);
      }
    }
    return strikes;
  }

  #comeToTheSame(state: ReachedState, before: Strike, after: Strike, reads: CellSet): boolean {
    if (before.isStop && after.isStop) return true;
    if (isSame(before.fingerprint, after.fingerprint)) return true;
    this.#execute(state, before.decisions);
    const parts = this.#probe!.parts();
    this.#execute(state, after.decisions);
    for (const cell of parts.differingFrom(this.#probe!.parts())) {
      if (this.#table.sets.has(reads, cell)) return false;
    }
    return true;
  }

  #execute(state: ReachedState, decisions: readonly Decision[]): Transition {
    const probe = this.#probe!;
    probe.goTo(state);
    return decisions.map((decision) => probe.execute(decision)).at(-1)!;
  }

  #foreignCells(processes: number, but: number): CellSet {
    const { sets } = this.#table;
    let all: CellSet = NO_CELLS;
    for (let process = 0; process < processes; process++) {
      if (process === but) continue;
      all = sets.union(all, sets.of([this.#cells.stateOf(process), this.#cells.localOf(process)]));
    }
    return all;
  }
}

function isSame(one: Fingerprint, other: Fingerprint): boolean {
  return one.a === other.a && one.b === other.b && one.c === other.c && one.d === other.d;
}
