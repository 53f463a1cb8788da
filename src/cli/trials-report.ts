/** The trials of a system as text and as JSON: beside what its document says. */
import { printable } from '../report/escape.ts';
import { toJson } from '../report/json.ts';
import { count } from '../scenario/wording.ts';
import {
  distributionOf,
  isAsExpected,
  type RowResult,
  type Table,
  type Trialed,
  type TrialsResult,
} from '../trials/index.ts';

/** Where the trials were run, and how many were wanted. */
export interface TrialsRun {
  readonly table: Table;
  readonly trials: number;
  readonly platform: string;
  readonly cpus: number;
}

/** Longer ones stand out of their column. */
const MOST_WIDTH = 56;
/** Of a distribution in a line. */
const MOST_VALUES = 3;
const NUMBERS = ['survivors', 'refused', 'orphans'] as const;

/** Whether each row was measured to the end, as expected. */
export function isGood({ interrupted, results }: TrialsResult): boolean {
  return !interrupted && results.length > 0 && results.every((result) => isAsExpected(result) === true);
}

export function trialsText(result: TrialsResult, { table, trials, platform, cpus }: TrialsRun): string {
  const measured = result.results.filter(({ trials: done }) => done.length > 0);
  const columns = ['document', 'here'] as const;
  const cells = measured.map((row) => ({
    row,
    variant: row.variant,
    document: row.of.document ?? '–',
    here: hereOf(row),
  }));
  const width = (name: 'variant' | (typeof columns)[number]): number =>
    Math.max(name.length, ...cells.map((cell) => Math.min(MOST_WIDTH, cell[name].length)));
  const line = (variant: string, document: string, here: string, verdict: string): string =>
    `  ${variant.padEnd(width('variant'))}  ${document.padEnd(width('document'))}  ${here.padEnd(width('here'))}  ${verdict}`.trimEnd();
  const rows = cells.flatMap(({ row, variant, document, here }, at) => [
    ...(cells[at - 1]?.row.row === row.row ? [] : ['', `${row.row.name}: ${aboutOf(row)}`]),
    line(variant, document, here, verdictOf(row)),
    ...detailsOf(row).map((detail) => `  ${' '.repeat(width('variant'))}  ${detail}`),
  ]);
  const differing = measured.filter((row) => agreesWithDocument(row) === false);
  return [
    `${table.system}: ${count(trials, 'trial')} each, real processes on ${platform} with ${count(cpus, 'CPU')}`,
    line('', 'document', 'here', ''),
    ...rows,
    '',
    ...differing.map(
      (row) =>
        `≠ ${row.row.name} ${row.variant}: the document says ${row.of.document}, this machine ${hereOf(row)}`,
    ),
    ...table.notes.map((note) => `note: ${note}`),
    ...(result.interrupted ? ['interrupted: the trials so far; all processes were ended'] : []),
  ].join('\n');
}

/** With the number of starts that were made. */
function aboutOf({ row: { about, starts }, starts: made }: RowResult): string {
  return starts === undefined || made === starts ? about : `${about} (here ${made} instead of ${starts})`;
}

/** `2 ×4, 3 ×1`, the most frequent ones; without the numbers if there is one trial. */
function hereOf(row: RowResult): string {
  const values = [...distributionOf(row)];
  if (row.trials.length === 1) return values.map(([value]) => value).join();
  const shown = values.slice(0, MOST_VALUES).map(([value, times]) => `${value} ×${times}`);
  return [...shown, ...(values.length > MOST_VALUES ? ['…'] : [])].join(', ');
}

function verdictOf(row: RowResult): string {
  const { trials, of } = row;
  const faults = trials.filter(({ fault }) => fault !== null).length;
  const seen = faults === 0 ? 'no fault' : `a fault in ${faults} of ${trials.length}`;
  const differs = agreesWithDocument(row) === false ? '  ≠' : '';
  if (of.expects === 'any') return `· ${seen}, only counted${differs}`;
  return `${isAsExpected(row) ? '✓' : '✗'} ${seen}${isAsExpected(row) ? ', as expected' : ''}${differs}`;
}

/** What is not in the value: each trial’s numbers, and why one is not as it should be. */
function detailsOf(row: RowResult): string[] {
  const { trials } = row;
  const numbers = NUMBERS.flatMap((name) => {
    const values = trials.map((trial) => trial[name]);
    return values.every((value) => value === undefined)
      ? []
      : [`${name} ${values.map((n) => n ?? '–').join(' ')}`];
  });
  const codes = new Map<string, number>();
  for (const { exitCodes = {} } of trials)
    for (const [code, times] of Object.entries(exitCodes)) codes.set(code, (codes.get(code) ?? 0) + times);
  const exits = [...codes].map(([code, times]) => `${code} ×${times}`);
  const all = [
    ...numbers,
    ...(exits.length > 0 ? [`exit codes ${exits.join(', ')}`] : []),
    ...rangesOf(trials),
  ];
  const wrong = isAsExpected(row) ? [] : [...new Set(trials.flatMap(({ fault }) => fault ?? []))];
  return [...(all.length > 0 ? [all.join(' · ')] : []), ...wrong.map((fault) => printable(fault))];
}

/** `spawnMs 990 to 1930`, for each of the other numbers. */
function rangesOf(trials: readonly Trialed[]): string[] {
  const names = new Set(trials.flatMap(({ numbers = {} }) => Object.keys(numbers)));
  return [...names].map((name) => {
    const values = trials.flatMap(({ numbers }) => numbers?.[name] ?? []);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return `${name} ${least}${least === most ? '' : ` to ${most}`}`;
  });
}

/** Null if the document says nothing that can be compared, or no trial was measured. */
export function agreesWithDocument({ of: { agrees }, starts, trials }: RowResult): boolean | null {
  const measured = trials.filter(({ failed }) => !failed);
  if (agrees === undefined || measured.length === 0) return null;
  return measured.every(({ value }) => agrees(value, starts ?? 0));
}

export function trialsJson(result: TrialsResult, { table, trials, platform, cpus }: TrialsRun): string {
  return toJson({
    ok: isGood(result),
    interrupted: result.interrupted,
    system: table.system,
    platform,
    cpus,
    trials,
    rows: result.results.map((row) => ({
      row: row.row.name,
      about: row.row.about,
      variant: row.variant,
      starts: row.starts,
      document: row.of.document,
      agrees: agreesWithDocument(row),
      expects: row.of.expects,
      asExpected: isAsExpected(row),
      trials: row.trials.map(plain),
    })),
    notes: table.notes,
  });
}

function plain({ value, fault, failed, survivors, refused, orphans, exitCodes, numbers, seconds }: Trialed) {
  return {
    value,
    fault,
    failed: failed ?? false,
    survivors: survivors ?? null,
    refused: refused ?? null,
    orphans: orphans ?? null,
    exitCodes: exitCodes ?? {},
    numbers: numbers ?? {},
    seconds,
  };
}
