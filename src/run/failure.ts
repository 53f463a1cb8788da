/** What a run can violate. */

/** What a run has violated. */
export interface Failure {
  /** The name of an invariant of the scenario, or one that holds for every run: see {@link BUILT_IN}. */
  readonly invariant: string;
  readonly message: string;
  /** Where in people's code: `file:line:column` (of a loop without an end `file:line`), the file from the working directory. Absent: not known. */
  readonly at?: string | undefined;
}

/** Invariants of every run, whatever its scenario says. */
export const BUILT_IN = {
  crash: 'no program crashes',
  deadlock: 'no process waits for ever',
  'shared-memory': 'programs share no memory',
  'step-bound': 'a run ends within its step bound',
  'never-yields': 'every program yields',
  'hung-invariant': 'every invariant returns',
  ambient: 'programs use only their ports',
} as const;
