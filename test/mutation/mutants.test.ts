import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import { GUARDS, type huntAll, type MutantResult } from '../../src/mutation/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { builtPackage } from '../cli/build.ts';

const SEED = 1;
/** As the command has it: the guard that is missed most rarely needs some 1,700 of them. */
const RUNS = 10_000;
/** For the protocol as it is: a scenario that fails by itself would catch any mutant. */
const CONTROL_RUNS = 100;
const WORKERS = 2;

// What is taken away is taken from the compiled code, as in the published package.
const built = pathToFileURL(join(await builtPackage(), 'dist/mutation/index.js')).href;
const hunters = (await import(/* @vite-ignore */ built)) as { huntAll: typeof huntAll };
let hunt: Promise<MutantResult[]> | undefined;

describe('the list', () => {
  it('names each guard once', () => {
    const names = GUARDS.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('names scenarios that there are, and that expect to pass', () => {
    const sound = SCENARIOS.filter(({ expects }) => expects === 'pass').map(({ id }) => id);
    const named = GUARDS.flatMap(({ noticedBy }) => noticedBy);
    expect(named.filter((id) => !sound.includes(id))).toEqual([]);
  });
});

describe('the protocol as it is passes', () => {
  it.each([...new Set(GUARDS.flatMap(({ noticedBy }) => noticedBy))])('%s', async (id) => {
    const scenario = SCENARIOS.find((candidate) => candidate.id === id)!;
    expect(await search(scenario, { seed: SEED, runs: CONTROL_RUNS })).toMatchObject({
      runs: CONTROL_RUNS,
      found: null,
    });
  });
});

describe('a guard that is gone is missed', () => {
  it.each(GUARDS)('$name', { timeout: 300_000 }, async ({ name }) => {
    hunt ??= hunters.huntAll(GUARDS, { seed: SEED, runs: RUNS, workers: WORKERS });
    const hunted = (await hunt).find(({ guard }) => guard === name);
    expect(hunted).toMatchObject({ killed: true, by: { token: expect.stringMatching(/^os[12]:/) } });
    // One that a person can copy.
    expect(hunted!.by!.token!.length).toBeLessThan(2_000);
  });
});
