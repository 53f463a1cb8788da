/** Unmodified files whose synchronous calls are explored in every order; their owners are known by what is left. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { explore } from '../../src/explore/index.ts';
import { nodeProgram } from '../../src/guest/index.ts';
import { type Scenario, type ScenarioOptions, survivors } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

/** Two starts of a daemon of fixtures/guests/daemons. */
function twoOf(name: string, more: Partial<ScenarioOptions> = {}): Scenario {
  const file = fileURLToPath(new URL(`../../fixtures/guests/daemons/${name}.cjs`, import.meta.url));
  return scenarioOf(
    { daemon: nodeProgram(file) },
    {
      start: [{ program: 'daemon', count: 2 }],
      invariants: [survivors()],
      machine: { busyMs: 0, files: { '/root': null, '/tmp': null } },
      ...more,
    },
  );
}

it('two starts of a synchronous PID file: a violation', async () => {
  const { violations } = await explore(twoOf('sync-pid-file'), {});
  expect(violations).toMatchObject([
    { invariant: survivors().name, message: '2 processes are left, daemon#1 and daemon#2; expected 1' },
  ]);
});

it('two starts of one that creates the file exclusively, with one crash: complete, and none', async () => {
  const report = await explore(twoOf('exclusive', { faults: { kill: 1 } }), {});
  expect(report).toMatchObject({ complete: true, violations: [] });
});
