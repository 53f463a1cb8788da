/** Guests call synchronously, and each call is a scheduling point: explore finds the same outcomes as plain enumeration. */
import { expect, it } from 'vitest';
import { guestProgram } from '../../src/guest/index.ts';
import { eventually, type Scenario } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';
import fc from '../fc.ts';
import { compare, differenceOf } from './models/compare.ts';

type Fs = typeof import('node:fs');

/** Calls of one or two operations; `if` leaves out what follows. */
const CALLS = {
  make: (fs: Fs, path: string) => fs.mkdirSync(path),
  remove: (fs: Fs, path: string) => fs.rmdirSync(path),
  rename: (fs: Fs, path: string) => fs.renameSync(path, `${path}2`),
  link: (fs: Fs, path: string) => fs.symlinkSync('/', path),
  unlink: (fs: Fs, path: string) => fs.unlinkSync(path),
  list: (fs: Fs) => fs.mkdirSync(`/n${fs.readdirSync('/').length}`),
  if: (fs: Fs, path: string) => fs.existsSync(path),
} as const;

/** Plain enumeration of one takes up to some seconds. */
const MODELS = Number(process.env.MODELS ?? 60);

const call = fc.record({
  name: fc.constantFrom(...(Object.keys(CALLS) as (keyof typeof CALLS)[])),
  path: fc.constantFrom('/a', '/b'),
  /** In a microtask or a later turn of its own. */
  after: fc.constantFrom('nothing', 'nothing', 'nothing', 'microtask', 'turn'),
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

const sees = eventually('all files', () => null);

function guestsOf(programs: readonly (readonly Call[])[], kills: number): Scenario {
  const named = programs.map((calls, i) => [
    `p${i}`,
    guestProgram({
      from: import.meta.url,
      async main(require, _ports, _argv, { setImmediate }) {
        const fs = require('node:fs') as Fs;
        for (const { name, path, after } of calls) {
          if (after === 'microtask') await null;
          if (after === 'turn') await new Promise((resolve) => setImmediate(resolve));
          try {
            if (CALLS[name](fs, path) === true) return 1;
          } catch {
            fs.mkdirSync('/failed', { recursive: true });
          }
        }
        return 0;
      },
    }),
  ]);
  return scenarioOf(Object.fromEntries(named), {
    invariants: [sees],
    crashes: 'allowed',
    machine: { busyMs: 0 },
    faults: kills > 0 ? { kill: kills } : {},
    faultsForMs: 20,
    settleMs: 20,
  });
}

it('explore agrees with plain enumeration on generated guests', async () => {
  let [several, compared] = [0, 0];
  const calls = fc.array(call, { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(calls, calls, fc.constantFrom(0, 0, 0, 1), async (one, other, kills) => {
      const comparison = await compare(guestsOf([one, other], kills), 5_000);
      if (comparison === null) return;
      compared++;
      if (comparison.plain.found.length > 1) several++;
      expect(differenceOf(comparison)).toBeNull();
    }),
    { numRuns: MODELS },
  );
  expect(compared).toBeGreaterThan(MODELS / 4);
  expect(several).toBeGreaterThan(MODELS / 10);
}, 3_600_000);
