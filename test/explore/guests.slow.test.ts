/** Guests whose synchronous calls are explored in every order. */
import { expect, it } from 'vitest';
import { explore } from '../../src/explore/index.ts';
import { guestProgram } from '../../src/guest/index.ts';
import { atMostOneOwner, type Scenario } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

/** Two starts of a daemon of fixtures/guests, which owns if its own guard says so. */
function daemons(name: string): Scenario {
  const program = guestProgram({
    from: new URL('../../fixtures/guests/', import.meta.url),
    async main(require, ports) {
      if (!require(`./${name}.cjs`)('/run/daemon')) return;
      ports.mark('own', { token: null });
      await ports.clock.sleep(100);
    },
  });
  return scenarioOf(
    { program },
    { start: [{ program: 'program', count: 2 }], invariants: [atMostOneOwner], machine: { busyMs: 0 } },
  );
}

it('two starts of a daemon with a synchronous check and act: a violation', async () => {
  const { violations } = await explore(daemons('sync-pid-file'), {});
  expect(violations).toMatchObject([{ invariant: atMostOneOwner.name }]);
});

it('two starts of its fixed twin: complete, and none', async () => {
  expect(await explore(daemons('open-wx'), {})).toMatchObject({ complete: true, violations: [] });
});
