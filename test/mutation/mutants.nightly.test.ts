import { expect, it } from 'vitest';
import { type MutantResult, protocolMutants } from '../../src/mutation/index.ts';
import { builtMutation } from './built.ts';

const SEED = 1;
/** As the command has it: the mutant that is killed most rarely needs some 1,700 of them. */
const RUNS = 10_000;
const WORKERS = 2;

const { runMutants } = await builtMutation();
const mutants = protocolMutants();
let running: Promise<MutantResult[]> | undefined;

it.each(mutants)('$name is killed', { timeout: 600_000 }, async ({ name }) => {
  running ??= runMutants(mutants, { seed: SEED, runs: RUNS, workers: WORKERS });
  const result = (await running).find(({ mutant }) => mutant === name);
  expect(result).toMatchObject({ killed: true, by: { token: expect.stringMatching(/^os[12]:/) } });
  // One that a person can copy.
  expect(result!.by!.token.length).toBeLessThan(3_000);
});
