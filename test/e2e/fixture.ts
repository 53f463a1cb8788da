import { it, vi } from 'vitest';
import { Arena } from './arena.ts';
import { Compiled } from './compile.ts';

// Two cores that have forty other things to do take a minute to start a process: a deadline must say more than that.
vi.setConfig({ testTimeout: 240_000 });

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
