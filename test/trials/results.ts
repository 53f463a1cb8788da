/** Results of trials that were not run. */
import type { Row, RowResult, Trialed } from '../../src/trials/index.ts';

export function trialed(differs: Partial<Trialed> = {}): Trialed {
  return { value: '1', fault: null, seconds: 1, ...differs };
}

const ROW: Row = {
  ...{ name: 'foreground-x5', about: '5 at once: daemons left', starts: 5, variants: {} },
  run: async () => trialed(),
};

export function resultWith(
  of: Partial<RowResult['of']>,
  trials: readonly Trialed[],
  differs: Partial<RowResult> = {},
): RowResult {
  return {
    ...{ row: ROW, variant: 'before', starts: 5, trials, ...differs },
    of: {
      programs: {},
      document: '2 every trial',
      agrees: (value) => value === '2',
      expects: 'fault',
      ...of,
    },
  };
}
