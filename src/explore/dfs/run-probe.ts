/** Lets the reduction try decisions in a state, with the run of the search. The search goes back to a state of its own afterwards. */
import type { Fingerprint, StateParts } from '../../sim/index.ts';
import type { Probe } from '../reduction/persistent-set.ts';
import type { Decision } from './decision.ts';
import type { DfsRun } from './dfs-run.ts';
import type { ReachedState } from './state.ts';
import type { Transition } from './transition.ts';
import type { TransitionReader } from './transition-reader.ts';

export class RunProbe implements Probe {
  readonly #runOf: () => DfsRun;
  readonly #reader: TransitionReader;

  /** @param runOf the run of the search at this time */
  constructor(runOf: () => DfsRun, reader: TransitionReader) {
    this.#runOf = runOf;
    this.#reader = reader;
  }

  goTo({ restore }: ReachedState): void {
    restore!();
  }

  execute(decision: Decision): Transition {
    const run = this.#runOf();
    return this.#reader.read(run, run.execute(decision));
  }

  fingerprint(): Fingerprint {
    return this.#runOf().fingerprint();
  }

  parts(): StateParts {
    return this.#runOf().parts();
  }

  isStopped(process: number): boolean {
    return this.#runOf().processOf(process)?.state === 'stopped';
  }
}
