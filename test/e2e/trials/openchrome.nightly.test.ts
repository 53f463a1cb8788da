import { expect } from 'vitest';
import { EXIT_REFUSED, EXIT_RELEASED, LIMITS } from '../../../src/systems/openchrome/constants.ts';
import { trialsOf } from './fixture.ts';

const it = trialsOf('openchrome');

it('all sessions but one are refused: before, with 2 and without a reason; after, their hosts are told why', async ({
  trials,
}) => {
  expect(await trials.once('sessions', 'before', 4)).toMatchObject({
    ...{ value: '3 of 4 refused, unexplained', survivors: 1, refused: 3, exitCodes: { [EXIT_REFUSED]: 3 } },
  });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('sessions', variant, 4)).toMatchObject({
      ...{ value: '3 of 4 refused, told why', fault: null, survivors: 1, refused: 3 },
    });
});

it('eight sessions start at the same moment on our protocol: one owns, seven leave', async ({ trials }) => {
  expect(await trials.once('cold-start', 'ours')).toMatchObject({
    ...{ value: '1', survivors: 1, refused: 7, exitCodes: { [EXIT_REFUSED]: 7 } },
  });
});

it('a half-zombie keeps the others out before, and is taken over after three probes', async ({ trials }) => {
  expect(await trials.once('half-zombie', 'before')).toMatchObject({
    ...{ value: `refused, exit ${EXIT_REFUSED}`, refused: 1 },
  });
  const { fault, numbers } = await trials.once('half-zombie', 'after');
  expect(fault).toBeNull();
  // The document says about 2 s; a busy machine takes longer.
  expect(numbers!.tookMs).toBeGreaterThanOrEqual((LIMITS.probes - 1) * LIMITS.probeEveryMs);
  expect(await trials.once('half-zombie', 'ours')).toMatchObject({
    fault: null,
    numbers: { evictedRunOn: 0 },
  });
});

it('an owner whose Chrome cannot be started again exits with 70, and its host starts another; before, it stays', async ({
  trials,
}) => {
  expect(await trials.once('self-release', 'before')).toMatchObject({
    ...{ value: 'holds the lock after 3 failures', exitCodes: {} },
  });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('self-release', variant)).toMatchObject({
      value: `exit ${EXIT_RELEASED} after ${LIMITS.failuresToRelease} failures, respawned`,
      ...{ fault: null, survivors: 1, exitCodes: { [EXIT_RELEASED]: 1 } },
    });
});

it('of the three Chromes of a dead session two are left before, none after; that of the user is never ended', async ({
  trials,
}) => {
  const attached = { attachedEnded: 0 };
  expect(await trials.once('orphans', 'before')).toMatchObject({ value: '2 of 3 left', numbers: attached });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('orphans', variant)).toMatchObject({
      ...{ value: '0 of 3 left', fault: null, orphans: 0, numbers: attached },
    });
});

it('without a broker a client says what to start, with one it is served, and its lease ends with it', async ({
  trials,
}) => {
  expect(await trials.once('broker', 'after')).toMatchObject({ value: 'told why, served', fault: null });
  expect(await trials.once('broker', 'ours')).toMatchObject({ value: 'told why, served, lease reclaimed' });
});
