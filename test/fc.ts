/**
 * fast-check with a fixed seed, so that a change is judged by the same values as the last one. The nightly tests get another seed
 * each night. fast-check prints the seed with a counterexample: `PROPERTY_SEED=… npx vitest run FILE` finds it again.
 */
import fc from 'fast-check';

export const FIXED_SEED = 20_261_122;

/** The seed of all properties. */
export const SEED = seedOf(process.env.PROPERTY_SEED);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });

export { default } from 'fast-check';

function seedOf(text: string | undefined): number {
  if (text === undefined || text === '') return FIXED_SEED;
  const seed = Number(text);
  if (Number.isSafeInteger(seed)) return seed;
  throw new RangeError(`PROPERTY_SEED: got ${JSON.stringify(text)}; accepted: a whole number`);
}
