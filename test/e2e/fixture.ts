import { it } from 'vitest';
import { Arena } from './arena.ts';
import { Compiled } from './compile.ts';

/** An arena for each test. Tests mostly wait, so that several can do it at once. */
export const arenaTest = it.extend<{ compiled: Compiled; arena: Arena }>({
  compiled: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names
    async ({}, use) => {
      const compiled = new Compiled();
      await use(compiled);
      compiled.remove();
    },
    { scope: 'file' },
  ],
  arena: async ({ compiled }, use) => {
    const arena = await Arena.open(compiled);
    try {
      await use(arena);
    } finally {
      await arena.close();
    }
  },
});
