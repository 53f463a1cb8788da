/** The race of one of the five systems: runs the trials of its table, and prints them beside its document. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../../report/exit-codes.ts';
import { runTrials, type SystemName, tableOf, type VariantName } from '../../trials/index.ts';
import { refuseOthers } from '../linux-only.ts';
import { wrong } from '../parse.ts';
import { print, printText } from '../terminal.ts';
import { isGood, trialsJson, trialsText } from '../trials-report.ts';

/** As given on the command line. */
export interface SystemOptions {
  system: SystemName;
  /** One variant; by default before and after. */
  variant?: VariantName;
  trials: number;
  /** Instead of the numbers of the document. */
  starts?: number;
  rows?: readonly string[];
  json?: boolean;
}

const PROCESS = fileURLToPath(new URL('../trial-process.js', import.meta.url));
const SIDE_BY_SIDE = ['before', 'after'] as const;

/**
 * @param platform for tests
 * @returns the exit code
 * @throws UsageError elsewhere than on Linux, and for a row that the table does not have
 */
export async function raceSystemAndPrint(
  { system, variant, trials, starts, rows, json }: SystemOptions,
  signal: AbortSignal,
  platform: NodeJS.Platform = process.platform,
): Promise<number> {
  refuseOthers(platform);
  const table = await tableOf(system);
  const names = table.rows.map(({ name }) => name);
  const unknown = rows?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw wrong('--rows', unknown, `some of ${names.join(', ')}`);
  const result = await runTrials({
    ...{ table, trials, signal, command: [process.execPath, PROCESS] },
    variants: variant === undefined ? SIDE_BY_SIDE : [variant],
    ...(starts !== undefined && { starts }),
    ...(rows !== undefined && { rows }),
    onTrial: (row, of, trial) => {
      if (process.stderr.isTTY) print(process.stderr, `${row.name} ${of}: trial ${trial} of ${trials}`);
    },
  });
  const run = { table, trials, platform, cpus: availableParallelism() };
  if (json) print(process.stdout, trialsJson(result, run));
  else printText(process.stdout, trialsText(result, run));
  if (result.interrupted) return EXIT.interrupted;
  return isGood(result) ? EXIT.ok : EXIT.violated;
}
