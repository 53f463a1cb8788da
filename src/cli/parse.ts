import { findStrategy, STRATEGIES, type Strategy } from '../schedule/index.ts';
import { UsageError } from './errors.ts';

const MOST_WORKERS = 256;
const MOST_SHARDS = 10_000;
const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

export const REPORTERS = ['default', 'json', 'junit', 'github', 'blob'] as const;
export type Reporter = (typeof REPORTERS)[number];

export function parseSeed(text: string): number {
  return parseWhole('--seed', text, 0, 0xffff_ffff);
}

export function parseRuns(text: string): number {
  return parseWhole('--runs', text, 1, 1_000_000_000);
}

export function parseWorkers(text: string): number {
  return parseWhole('--workers', text, 1, MOST_WORKERS);
}

/** `30s`, `2m`, `500ms`, in milliseconds. */
export function parseBudget(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * UNITS[unit as keyof typeof UNITS];
  if (!(ms > 0)) throw wrong('--budget', text, 'a time above zero, such as 30s, 2m or 500ms');
  return ms;
}

/** `1/3`. */
export function parseShard(text: string): { index: number; of: number } {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index < 1 || index > of || of > MOST_SHARDS) {
    throw wrong('--shard', text, 'i/n with i from 1 to n, such as 1/3');
  }
  return { index, of };
}

export function parseStrategy(text: string): Strategy {
  const strategy = findStrategy(text);
  if (strategy !== undefined) return strategy;
  throw wrong('--strategy', text, STRATEGIES.map(({ name }) => name).join(', '));
}

/** Repeatable. */
export function parseReporter(text: string, before: readonly Reporter[] = []): Reporter[] {
  const reporter = REPORTERS.find((name) => name === text);
  if (reporter === undefined) throw wrong('--reporter', text, REPORTERS.join(', '));
  return [...before, reporter];
}

export function parseWhole(option: string, text: string, least: number, most: number): number {
  const n = Number(text);
  if (/^\d+$/.test(text) && n >= least && n <= most) return n;
  throw wrong(option, text, `a whole number from ${least} to ${most}`);
}

function wrong(option: string, got: string, accepted: string): UsageError {
  return new UsageError(`${option} got ${JSON.stringify(got)}; accepted: ${accepted}`);
}
