/** 100,000 starts in directories of hostile files, in ten parts, so that a failure names its part: `RUNS` and `PROPERTY_SEED` repeat it. */
import { describe, expect, it } from 'vitest';
import { startAmongHostileFiles } from './hostile-files.ts';

const PARTS = 10;
const RUNS = Number(process.env.RUNS ?? 100_000);
const SEED = Number(process.env.PROPERTY_SEED ?? 1);

describe(`whatever is in the directory, ${RUNS} times`, () => {
  const parts = Array.from({ length: PARTS }, (_, part) => SEED + part);
  it.each(parts)('seed %i', { timeout: 7_200_000 }, async (seed) => {
    const ends = await startAmongHostileFiles(Math.ceil(RUNS / PARTS), seed);
    console.log(`seed ${seed}: ${JSON.stringify(ends)}`);
    expect(ends.owned + ends.gaveUp).toBeGreaterThan(ends.failed);
  });
});
