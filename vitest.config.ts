import { configDefaults, defineConfig } from 'vitest/config';

/** One rule: the name of a test file says when it runs. CONTRIBUTING.md says how long each takes. */
const SLOW = 'test/**/*.slow.test.ts';
const NIGHTLY = 'test/**/*.nightly.test.ts';
/** Folders whose tests leave nothing behind in their process: several files use one process, which loads `src/` once. */
const SHARED = [
  ...['ports', 'sim', 'model', 'guest', 'scenario', 'run', 'schedule', 'check', 'explore', 'report'],
  ...['properties', 'fast-check', 'docs', 'trials', 'systems', 'judge', 'storm', 'lockstep', 'viewer'],
].map((folder) => `test/${folder}/**/*.test.ts`);

/** The seed of the properties of the nightly tests: that of the environment, else the date. See test/properties/property.ts. */
const NIGHTLY_SEED = process.env.PROPERTY_SEED ?? new Date().toISOString().slice(0, 10).replaceAll('-', '');

const EXCLUDE = configDefaults.exclude;

/** Tests run in the same surroundings everywhere: CI logs have colors and GitHub Actions has commands, and both change what is printed. */
const SURROUNDINGS = { FORCE_COLOR: '0', CI: '', GITHUB_ACTIONS: '' };

export default defineConfig({
  test: {
    env: SURROUNDINGS,
    // Real processes race in some of them: two files at a time leave them air on two cores.
    maxWorkers: 2,
    // For tests that stand still, not for slow ones: a busy machine may take many times as long as an idle one.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [...EXCLUDE, SLOW, NIGHTLY, ...SHARED],
        },
      },
      {
        extends: true,
        test: {
          name: 'fast-shared',
          include: SHARED,
          exclude: [...EXCLUDE, SLOW, NIGHTLY],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'slow', include: [SLOW] } },
      {
        extends: true,
        test: { name: 'nightly', include: [NIGHTLY], env: { ...SURROUNDINGS, PROPERTY_SEED: NIGHTLY_SEED } },
      },
    ],
  },
});
