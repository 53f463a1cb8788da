/** The violation that ended a run. */

/** A violation. */
export interface Failure {
  /** The name of an invariant of the scenario, or of one that applies to every run: see {@link BUILT_IN}. */
  readonly invariant: string;
  readonly message: string;
  /** Where in user code, if known: `file:line:column` (for an endless loop `file:line`), relative to the working directory. */
  readonly at?: string | undefined;
}

export { BUILT_IN } from '../scenario/built-in-invariants.ts';
