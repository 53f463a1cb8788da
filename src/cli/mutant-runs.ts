/**
 * How many runs `mutants` makes of a scenario at most, unless `--runs` says otherwise. Measured: the mutant that is hardest to kill
 * needs about 1,700.
 */
export const DEFAULT_MUTANT_RUNS = 10_000;
