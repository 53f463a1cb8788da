import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes race in some of them: two files at a time leave them air on two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
