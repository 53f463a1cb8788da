// A Node without process._tickCallback, which is undocumented, or with one that does something else: slower, and the same results.
import { afterEach, expect, it, vi } from 'vitest';
import type * as checking from '../../src/check/index.ts';
import type * as describing from '../../src/scenario/index.ts';

interface Ticking {
  _tickCallback: unknown;
}
const { _tickCallback: original } = process as unknown as Ticking;

afterEach(() => {
  (process as unknown as Ticking)._tickCallback = original;
  vi.resetModules();
});

/** The report of a search that finds a race, by modules that are loaded with this `process._tickCallback`. */
async function reportWith(tickCallback: unknown): Promise<checking.ScenarioReport> {
  (process as unknown as Ticking)._tickCallback = tickCallback;
  vi.resetModules();
  const { check }: typeof checking = await import('../../src/check/index.ts');
  const { scenario }: typeof describing = await import('../../src/scenario/index.ts');
  const { atMostOneOwner } = await import('../../src/scenario/invariants.ts');
  const naive = scenario({
    id: 'fixture/ticks/naive',
    programs: {
      async daemon(ports) {
        if (await ports.fs.stat('/lock').catch(() => null)) return 0;
        await ports.fs.writeFile('/lock', '');
        ports.mark('own');
        await ports.clock.sleep(10);
        return 0;
      },
    },
    start: [{ program: 'daemon', count: 3 }],
    faults: { kill: 1 },
    invariants: [atMostOneOwner],
  });
  return check(naive, { seed: 1, runs: 50 });
}

/** Modules are loaded anew for each report. */
const usual = await reportWith(original);

it.each([
  ['missing', undefined],
  ['a function that runs no microtasks', () => {}],
])('if it is %s, the same violation is found, and the report says what is not noticed', async (_, other) => {
  const slow = await reportWith(other);
  expect(usual.violations.map(({ invariant }) => invariant)).toEqual(['at most one owner']);
  expect(slow.violations).toEqual(usual.violations);
  expect([slow.runs, slow.steps]).toEqual([usual.runs, usual.steps]);
  expect(slow.assumed.join()).toMatch(/Node v\d\S* has no process\._tickCallback/);
  expect(usual.assumed.join()).not.toContain('_tickCallback');
});
