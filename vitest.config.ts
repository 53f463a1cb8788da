import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes race in some of them: two files at a time leave them air on two cores.
    maxWorkers: 2,
    // For tests that stand still, not for slow ones: a busy machine may take many times as long as an idle one.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
