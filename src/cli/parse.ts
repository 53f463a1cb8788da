/** Parses the values of options. Loads nothing else, because it is needed before it is known which command runs. */

import { messageOf } from '../ports/message-of.ts';
import { DOCUMENTS, isDocument, REPORTERS, type Reporter, splitReporter } from '../report/reporters.ts';
import { suggesting } from '../scenario/suggestions.ts';
import { UsageError } from './errors.ts';

const MOST_WORKERS = 256;
const MOST_SHARDS = 10_000;
const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

export const REPORTERS_ACCEPTED = `${REPORTERS.join(', ')}; ${DOCUMENTS.join(', ')} also with a file, such as junit=out.xml`;

/** The formats of a replay besides the timeline. */
export const FORMATS = ['json', 'perfetto', 'mermaid'] as const;
export type Format = (typeof FORMATS)[number];

export function parseSeed(text: string): number {
  return parseWhole('--seed', text, 0, 0xffff_ffff);
}

/** Parses `12`, `12:mark` and `violation`. */
export function parseBreakAt(text: string): 'violation' | { step: number; op: string | null } {
  if (text === 'violation') return text;
  const [, step, op = null] = /^(\d{1,15})(?::([a-zA-Z]+))?$/.exec(text) ?? [];
  if (step === undefined)
    throw wrong(
      '--break-at',
      text,
      'a step of the timeline, an operation in it, such as 12:mark, or violation',
    );
  return { step: Number(step), op };
}

export function parseRuns(text: string): number {
  return parseWhole('--runs', text, 1, 1_000_000_000);
}

export function parseWorkers(text: string): number {
  return parseWhole('--workers', text, 1, MOST_WORKERS);
}

/** Parses `30s`, `2m`, `500ms` to milliseconds. */
export function parseBudget(text: string): number {
  return parseTime('--budget', text);
}

/** The same for another option. */
export function parseTime(option: string, text: string): number {
  const ms = budgetMsOf(text);
  if (ms === null) throw wrong(option, text, 'a time above zero, such as 30s, 2m or 500ms');
  return ms;
}

/** `null` if it is not a time above zero. */
export function budgetMsOf(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * UNITS[unit as keyof typeof UNITS];
  return ms > 0 ? ms : null;
}

/** A regular expression over ids; upper and lower case are the same, as in Playwright. */
export function parseGrep(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    throw wrong('--grep', text, `a regular expression over ids, such as cold-start (${messageOf(error)})`);
  }
}

/** Parses `1/3`. */
export function parseShard(text: string): { index: number; of: number } {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index < 1 || index > of || of > MOST_SHARDS) {
    throw wrong('--shard', text, 'i/n with i from 1 to n, such as 1/3');
  }
  return { index, of };
}

/** @throws UsageError if there is no such format */
export function parseFormat(text: string): Format {
  const format = FORMATS.find((name) => name === text);
  if (format !== undefined) return format;
  throw new UsageError(
    `--format got ${JSON.stringify(text)}; accepted: ${FORMATS.join(', ')}. Default: a timeline`,
  );
}

/** A name, or NAME=FILE. For a repeatable option. */
export function parseReporter(text: string, before: readonly Reporter[] = []): Reporter[] {
  const { name: word, file } = splitReporter(text);
  const name = REPORTERS.find((known) => known === word);
  if (name === undefined)
    throw new UsageError(
      `--reporter got ${JSON.stringify(text)}${suggesting(word, REPORTERS, `accepted: ${REPORTERS_ACCEPTED}`)}`,
    );
  if (file !== null && (file === '' || !isDocument(name)))
    throw wrong('--reporter', text, `a file for one of ${DOCUMENTS.join(', ')}, such as junit=out.xml`);
  return [...before, { name, file }];
}

export function parseWhole(option: string, text: string, least: number, most: number): number {
  const n = Number(text);
  if (/^\d+$/.test(text) && n >= least && n <= most) return n;
  throw wrong(option, text, `a whole number from ${least} to ${most}`);
}

/** The error for an option. @param accepted what it accepts */
export function wrong(option: string, got: string, accepted: string): UsageError {
  return new UsageError(`${option} got ${JSON.stringify(got)}; accepted: ${accepted}`);
}
