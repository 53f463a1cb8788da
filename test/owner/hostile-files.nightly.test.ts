import { expect, it } from 'vitest';
import { startAmongHostileFiles } from './hostile-files.ts';

it('whatever is in the directory, 100,000 times', { timeout: 7_200_000 }, async () => {
  const seed = Number(process.env.PROPERTY_SEED ?? 1);
  const ends = await startAmongHostileFiles(Number(process.env.RUNS ?? 100_000), seed);
  expect(ends.owned + ends.gaveUp).toBeGreaterThan(ends.failed);
});
