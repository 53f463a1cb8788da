/** Known bugs are found within this number of runs: see `docs/decisions/0028-how-many-runs.md`. */
export const DEFAULT_RUNS = 400;
