/** Runs the trials of a table, one after the other: each in a directory of its own, with processes of its own. */
import { monotonicMs } from '../node/clock.ts';
import { Interrupted, Late, Site } from '../real/confined/index.ts';
import type { Measured, Row, RowVariant, Table, VariantName } from './table.ts';

export interface TrialsOptions {
  readonly table: Table;
  readonly variants: readonly VariantName[];
  readonly trials: number;
  /** Instead of the number of each row that has one. */
  readonly starts?: number;
  /** Only these rows. Default: all. */
  readonly rows?: readonly string[];
  readonly signal?: AbortSignal;
  /** What starts a process of a trial: `node trial-process.js`. */
  readonly command: readonly string[];
  /** Called before each trial. */
  readonly onTrial?: (row: Row, variant: VariantName, trial: number) => void;
}

/** A trial that was run to its end. */
export interface Trialed extends Measured {
  /** Of real time. */
  readonly seconds: number;
}

/** The trials of a row and a variant. */
export interface RowResult {
  readonly row: Row;
  readonly variant: VariantName;
  readonly of: RowVariant;
  readonly starts: number | null;
  readonly trials: readonly Trialed[];
}

export interface TrialsResult {
  readonly interrupted: boolean;
  readonly results: readonly RowResult[];
}

/** @returns what was measured until the end, or until the interruption */
export async function runTrials(options: TrialsOptions): Promise<TrialsResult> {
  const { table, variants, trials, rows, signal } = options;
  const results: RowResult[] = [];
  for (const row of table.rows.filter(({ name }) => rows === undefined || rows.includes(name))) {
    for (const variant of variants) {
      const of = row.variants[variant];
      if (of === undefined || signal?.aborted) continue;
      const starts = row.starts === undefined ? null : (options.starts ?? row.starts);
      const done: Trialed[] = [];
      results.push({ row, variant, of, starts, trials: done });
      for (let trial = 1; trial <= trials && !signal?.aborted; trial++) {
        options.onTrial?.(row, variant, trial);
        const measured = await runTrial(options, row, variant, starts ?? 0);
        if (measured !== null) done.push(measured);
      }
    }
  }
  return { interrupted: signal?.aborted ?? false, results };
}

/** @returns null if it was interrupted */
async function runTrial(
  { table, signal, command }: TrialsOptions,
  row: Row,
  variant: VariantName,
  starts: number,
): Promise<Trialed | null> {
  const startedMs = monotonicMs();
  const site = await Site.open({
    command,
    tcpPorts: table.tcpPorts,
    config: { system: table.system, variant, row: row.name },
    ...(signal !== undefined && { signal }),
  });
  try {
    for (const [path, text] of Object.entries(row.files ?? {})) site.write(path, text);
    const measured = await row.run(site, starts, variant);
    return { ...measured, seconds: (monotonicMs() - startedMs) / 1_000 };
  } catch (error) {
    if (error instanceof Interrupted) return null;
    if (!(error instanceof Late)) throw error;
    return {
      ...{ value: 'failed', fault: error.message, failed: true },
      seconds: (monotonicMs() - startedMs) / 1_000,
    };
  } finally {
    await site.close();
  }
}

/** Whether the trials are what the row expects; null if there are none. */
export function isAsExpected({ of: { expects }, trials }: RowResult): boolean | null {
  if (trials.length === 0) return null;
  if (trials.some(({ failed }) => failed)) return false;
  const faults = trials.filter(({ fault }) => fault !== null).length;
  return expects === 'any' || (expects === 'none' ? faults === 0 : faults > 0);
}

/** How often each value was measured, the most frequent first. */
export function distributionOf({ trials }: Pick<RowResult, 'trials'>): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { value } of trials) times.set(value, (times.get(value) ?? 0) + 1);
  return new Map([...times].sort(([, a], [, b]) => b - a));
}
