/** Twins that differ in one guard: without it a fault breaks the daemon, with it it does not. */
import type { Program } from '../../ports/index.ts';
import {
  atMostOneOwner,
  type Invariant,
  ifExercised,
  noStaleAct,
  nothingForeignSignalled,
  oneSurvivor,
  type Scenario,
  sometimes,
} from '../../scenario/index.ts';
import type { FaultName } from '../../sim/index.ts';
import { afterFaults, at, type Member, scenarioOf } from '../vocabulary/index.ts';

interface Pair extends Member {
  about: string;
  /** The daemon without the guard, and with it. */
  unguarded: Program;
  guarded: Program;
  /** Instead of {@link oneOwnerRuns}. */
  invariants?: readonly Invariant[];
}

const oneOwnerRuns = oneSurvivor();

/** Starts one after the other; the last one when the faults are over. */
const shared: Member = {
  start: ['daemon', at(1_000, 'daemon'), at(2_000, 'daemon'), afterFaults('daemon', 1_000)],
  machine: { busyMs: 0 },
  settleMs: 6_000,
  invariants: [
    atMostOneOwner,
    ...[noStaleAct, nothingForeignSignalled].map(ifExercised),
    sometimes('a process owned', 'own'),
  ],
};

/** Two scenarios, `faults/unguarded/FAULT` and `faults/guarded/FAULT`, in which no other fault strikes. */
export function pair(
  fault: FaultName,
  { unguarded, guarded, programs, invariants = [oneOwnerRuns], ...options }: Pair,
): readonly Scenario[] {
  const twin = (variant: string, expects: 'pass' | 'violation', daemon: Program): Scenario =>
    scenarioOf(`faults/${variant}/${fault}`, shared, {
      faults: { [fault]: 1 },
      ...options,
      expects,
      programs: { daemon, ...programs },
      invariants,
    });
  return [twin('unguarded', 'violation', unguarded), twin('guarded', 'pass', guarded)];
}
