/** What a config may contain. */
import { z } from 'zod';
import type { Config } from '../project/define-config.ts';
import { isDocument, REPORTERS, splitReporter } from '../report/reporters.ts';
import { isScenario, shown } from '../scenario/arguments.ts';
import { didYouMean } from '../scenario/suggestions.ts';
import { STRATEGIES } from '../schedule/index.ts';
import { budgetMsOf, parseReporter, REPORTERS_ACCEPTED } from './parse.ts';

const STRATEGY_NAMES = STRATEGIES.map(({ name }) => name);

/** What each option accepts, and an example: for messages. */
export const ACCEPTED: Readonly<Record<keyof Config, readonly [what: string, example: string]>> = {
  $schema: ['a string', "$schema: './node_modules/one-survivor/schemas/config.json'"],
  scenarios: [
    'an array of paths of files, and of what scenario({…}) returns',
    "scenarios: ['./races/*.mjs']",
  ],
  seed: ['a whole number from 0 to 4294967295', 'seed: 1'],
  runs: ['a whole number from 1', 'runs: 5_000'],
  budget: ['a time above zero', "budget: '30s', '2m' or '500ms'"],
  strategy: [`one of ${STRATEGY_NAMES.join(', ')}`, "strategy: 'portfolio'"],
  isolationCheck: ['true or false', 'isolationCheck: false'],
  workers: ['a whole number from 1 to 256', 'workers: 4'],
  reporters: [`an array of ${REPORTERS_ACCEPTED}`, "reporters: ['default', 'junit=out.xml']"],
};

/** The same for an item of an array. */
const ACCEPTED_ITEM: Readonly<Partial<Record<keyof Config, string>>> = {
  scenarios: 'the path of a file, or what scenario({…}) returns',
  reporters: REPORTERS_ACCEPTED,
};

const reporter = z.custom<NonNullable<Config['reporters']>[number]>(
  (text) => typeof text === 'string' && isReporter(text),
);

export const configShape = z.strictObject({
  $schema: z.string().optional(),
  scenarios: z
    .array(
      z.custom<NonNullable<Config['scenarios']>[number]>(
        (entry) => typeof entry === 'string' || isScenario(entry),
      ),
    )
    .optional(),
  seed: z.number().int().min(0).max(0xffff_ffff).optional(),
  runs: z.number().int().min(1).optional(),
  budget: z
    .string()
    .refine((text) => budgetMsOf(text) !== null)
    .optional(),
  strategy: z.enum(STRATEGY_NAMES).optional(),
  isolationCheck: z.boolean().optional(),
  workers: z.number().int().min(1).max(256).optional(),
  reporters: z.array(reporter).optional(),
} satisfies Record<keyof Config, unknown>);

/** A config as it was read. */
export type ReadConfig = z.infer<typeof configShape>;

export const CONFIG_KEYS = Object.keys(configShape.shape).filter((key) => key !== '$schema');

/** One line for each mistake: the option, what was got, what is expected, and the name that was probably meant. */
export function describeConfigIssues(issues: readonly z.core.$ZodIssue[], config: unknown): string {
  return issues.map((issue) => `  ${describe(issue, config)}`).join('\n');
}

function describe(issue: z.core.$ZodIssue, config: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const meant = issue.keys.map((key) => didYouMean(key, CONFIG_KEYS)).join('');
    return `${issue.keys.map((key) => JSON.stringify(key)).join(' and ')} ${issue.keys.length === 1 ? 'is' : 'are'} not known${meant}`;
  }
  const [key] = issue.path;
  const value = issue.path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown>)?.[part],
    config,
  );
  if (key === undefined) return `got ${shown(value)}, expected an object`;
  const [whole, example] = ACCEPTED[key as keyof Config];
  const what = (issue.path.length > 1 && ACCEPTED_ITEM[key as keyof Config]) || whole;
  return `${issue.path.join('.')}: got ${shown(value)}, expected ${what}, such as ${example}${meantBy(key, value)}`;
}

function meantBy(key: PropertyKey, value: unknown): string {
  if (typeof value !== 'string') return '';
  if (key === 'strategy') return didYouMean(value, STRATEGY_NAMES);
  return key === 'reporters' ? didYouMean(splitReporter(value).name, REPORTERS) : '';
}

function isReporter(text: string): boolean {
  try {
    return parseReporter(text).every(({ name, file }) => file === null || isDocument(name));
  } catch {
    return false;
  }
}
