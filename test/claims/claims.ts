/** docs/claims.json: what the documents behind the five systems claim, and what holds each claim here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FILE = join(import.meta.dirname, '../../docs/claims.json');

/** A file of tests, from the root, and the titles of those that hold the claim, as they stand in it. */
const titlesByFile = z.record(z.string().regex(/^test\/.+\.test\.ts$/), z.array(z.string()).min(1));

const claimedNumber = z.strictObject({
  name: z.string().regex(/^[a-z][A-Za-z0-9]*$/),
  value: z.union([z.number(), z.array(z.number())]),
  /** The exported constant that has this value, as `FILE#NAME.of.property`; without it, a test of the row reads the number by `claimed`. */
  constant: z
    .string()
    .regex(/^src\/.+\.ts#[\w.]+$/)
    .optional(),
});

const claim = z.strictObject({
  id: z.string().regex(/^[a-z-]+-\d+$/),
  claim: z.string().min(20).regex(/\.$/),
  /** The ids of scenarios, with their verdicts. */
  scenarios: z.record(z.string(), z.enum(['violated', 'passed'])).default({}),
  /** Names of invariants of these scenarios. */
  invariants: z.array(z.string()).default([]),
  /** Names of mutants of the protocol: without the guard, one of the tests or scenarios fails. */
  mutants: z.array(z.string()).default([]),
  /** Tests of the simulation. */
  tests: titlesByFile.default({}),
  /** Tests with real processes. */
  real: titlesByFile.default({}),
  numbers: z.array(claimedNumber).default([]),
  /** What of the claim is not held, and why. */
  limit: z.string().min(20).regex(/\.$/).optional(),
});

const document = z.strictObject({
  /** Of the system; ids of claims begin with it. */
  system: z.string(),
  title: z.string(),
  /** How many claims the document has. */
  count: z.number().int().positive(),
});

const schema = z.strictObject({ documents: z.array(document), claims: z.array(claim) });

export type Claims = z.infer<typeof schema>;
export type Claim = Claims['claims'][number];

export const CLAIMS: Claims = schema.parse(JSON.parse(readFileSync(FILE, 'utf8')));

/** The claims of a document, in its order. */
export function claimsOf(system: string): Claim[] {
  return CLAIMS.claims.filter(({ id }) => id.startsWith(`${system}-`));
}

/**
 * A number that a claim states, for the test that asserts it: a changed number fails the test.
 *
 * @throws Error for an unknown claim or number
 */
export function claimed(id: string, name: string): number {
  const value = numberOf(id, name);
  if (typeof value !== 'number') throw new Error(`${id} claims several values of ${name}: use claimedAll`);
  return value;
}

/** The same for a number with several values. */
export function claimedAll(id: string, name: string): readonly number[] {
  const value = numberOf(id, name);
  if (typeof value === 'number') throw new Error(`${id} claims one value of ${name}: use claimed`);
  return value;
}

function numberOf(id: string, name: string): number | number[] {
  const found = CLAIMS.claims.find((each) => each.id === id)?.numbers.find((each) => each.name === name);
  if (found === undefined) throw new Error(`docs/claims.json has no number ${name} in ${id}`);
  return found.value;
}
