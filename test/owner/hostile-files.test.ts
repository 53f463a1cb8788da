/** The fast part of hostile-files.nightly.test.ts: some of the same starts. */
import { expect, it } from 'vitest';
import { startAmongHostileFiles } from './hostile-files.ts';

it('whatever is in the directory', async () => {
  const ends = await startAmongHostileFiles(60, 1);
  expect(ends.owned).toBeGreaterThan(5);
  expect(ends.gaveUp).toBeGreaterThan(5);
});
