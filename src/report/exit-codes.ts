/** The exit codes of the command line. */
export const EXIT = {
  ok: 0,
  violated: 1,
  usage: 2,
  inconclusive: 3,
  nondeterministic: 4,
  interrupted: 130,
} as const;
