/** The names of the invariants that apply to every run of every scenario. */
export const BUILT_IN = {
  crash: 'no program crashes',
  deadlock: 'no process waits for ever',
  'shared-memory': 'programs share no memory',
  nondeterministic: 'a program does the same with the same results',
  'step-bound': 'a run ends within its step bound',
  'never-yields': 'every program yields',
  'hung-invariant': 'every invariant returns',
  ambient: 'programs use only their ports',
} as const;
