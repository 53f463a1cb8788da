import { it, vi } from 'vitest';
import {
  runTrials,
  type SystemName,
  type Trialed,
  tableOf,
  type VariantName,
} from '../../../src/trials/index.ts';
import { Compiled } from '../compile.ts';

// A busy machine takes many times as long as an idle one.
vi.setConfig({ testTimeout: 600_000 });

/** What depends on chance is tried so often. */
const MOST_TRIALS = 8;

/** Runs a trial of a row as real processes. */
export interface Trials {
  once(row: string, variant: VariantName, starts?: number): Promise<Trialed>;
  /** The first trial with a fault: a row of `before` may go well by chance. */
  untilFault(row: string, variant?: VariantName): Promise<Trialed>;
  /** The better one of two trials: a bug that is left in `after`, and is known, may show itself by rare chance. */
  untilWell(row: string, variant: VariantName, starts?: number): Promise<Trialed>;
}

export function trialsOf(system: SystemName) {
  return it.extend<{ compiled: Compiled; trials: Trials }>({
    compiled: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names
      async ({}, use) => {
        const compiled = new Compiled();
        await use(compiled);
        compiled.remove();
      },
      { scope: 'file' },
    ],
    trials: async ({ compiled }, use) => {
      const table = await tableOf(system);
      const command = [process.execPath, compiled.path('src/cli/trial-process.ts')];
      const once: Trials['once'] = async (row, variant, starts) => {
        const of = { table, variants: [variant], rows: [row], trials: 1, command };
        const { results } = await runTrials({ ...of, ...(starts !== undefined && { starts }) });
        const trial = results[0]!.trials[0]!;
        if (trial.failed) throw new Error(`${row} of ${variant}: ${trial.fault}`);
        return trial;
      };
      await use({
        once,
        async untilWell(row, variant, starts) {
          const first = await once(row, variant, starts);
          return first.fault === null ? first : once(row, variant, starts);
        },
        async untilFault(row, variant = 'before') {
          for (let trial = 1; ; trial++) {
            const measured = await once(row, variant);
            if (measured.fault !== null || trial === MOST_TRIALS) return measured;
          }
        },
      });
    },
  });
}
