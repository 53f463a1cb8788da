import type { Program } from '../../ports/index.ts';
import {
  atMostOneOwner,
  eventually,
  type Invariant,
  ifExercised,
  noStaleAct,
  nothingForeignSignalled,
  type Scenario,
  type ScenarioOptions,
  scenario,
  sometimes,
} from '../../scenario/index.ts';
import type { FaultName } from '../../sim/index.ts';

export interface PairOptions extends Partial<ScenarioOptions> {
  /** The fault that breaks what lacks the guard, and no other. */
  fault: FaultName;
  about: string;
  /** The daemon without the guard, and with it. */
  unguarded: Program;
  guarded: Program;
}

/** Starts one after the other; the last one when the faults are over. */
const ONE_BY_ONE = [
  { program: 'daemon' },
  { program: 'daemon', atMs: 1_000 },
  { program: 'daemon', atMs: 2_000 },
  { program: 'daemon', phase: 'settle', atMs: 1_000 },
] as const;

export const SAFETY: readonly Invariant[] = [
  atMostOneOwner,
  ...[noStaleAct, nothingForeignSignalled].map(ifExercised),
];

export const somebodyOwns = eventually('exactly one owner that runs', ({ currentClaims }) => {
  const running = currentClaims.filter(({ process }) => process.state === 'running');
  return running.length === 1
    ? null
    : `${running.length} owners run; ${currentClaims.length} processes claim`;
});

/** Two scenarios that differ in one guard: without it the fault breaks the daemon, with it it does not. */
export function pair({ fault, about, unguarded, guarded, ...options }: PairOptions): readonly Scenario[] {
  const twin = (variant: string, expects: 'pass' | 'violation', program: Program): Scenario =>
    scenario({
      id: `faults/${variant}/${fault}`,
      about,
      expects,
      start: ONE_BY_ONE,
      faults: { [fault]: 1 },
      machine: { busyMs: 0 },
      settleMs: 6_000,
      ...options,
      programs: { daemon: program, ...options.programs },
      invariants: [...SAFETY, ...(options.invariants ?? [somebodyOwns]), sometimes('somebody owned', 'own')],
    });
  return [twin('unguarded', 'violation', unguarded), twin('guarded', 'pass', guarded)];
}
