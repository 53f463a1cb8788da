import { expect } from 'vitest';
import { MS } from '../../../src/systems/mcporter/constants.ts';
import { trialsOf } from './fixture.ts';

const it = trialsOf('mcporter');

it('two foreground starts, as a shell starts them: two daemons before, one after', async ({ trials }) => {
  expect(await trials.untilFault('foreground-x2')).toMatchObject({ value: '2', survivors: 2, orphans: 1 });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('foreground-x2', variant)).toMatchObject({
      ...{ value: '1', fault: null, survivors: 1, refused: 1, exitCodes: { 0: 1 } },
    });
});

it.for(['foreground-x5', 'detached-x5'])(
  '%s: several daemons before, of which clients find one; one after',
  async (row, { trials }) => {
    const { survivors, fault } = await trials.untilFault(row);
    expect(survivors).toBeGreaterThan(1);
    expect(survivors).toBeLessThanOrEqual(5);
    expect(fault).toBe(`${survivors} daemons`);
    expect(await trials.once(row, 'ours')).toMatchObject({ value: '1', fault: null, survivors: 1 });
    expect(await trials.untilWell(row, 'after')).toMatchObject({ value: '1', fault: null, survivors: 1 });
  },
);

it('four foreground starts race: three of them exit with 0, and one daemon is left', async ({ trials }) => {
  expect(await trials.untilWell('foreground-x5', 'after', 4)).toMatchObject({
    ...{ survivors: 1, refused: 3, orphans: 0, exitCodes: { 0: 3 } },
  });
});

it('ten clients at once, no daemon yet: one daemon, and all are served', async ({ trials }) => {
  for (const variant of ['before', 'after', 'ours'] as const)
    expect(await trials.once('cold-start-x10', variant)).toMatchObject({
      ...{ value: '1', fault: null, exitCodes: { 0: 10 } },
    });
});

it('a daemon that is stopped (SIGSTOP) is replaced once its status has been waited for, and clients are served', async ({
  trials,
}) => {
  const { fault, survivors, numbers } = await trials.once('frozen-daemon', 'after');
  expect({ fault, survivors }).toEqual({ fault: null, survivors: 1 });
  // The document says about 2 s; a busy machine takes longer.
  expect(numbers!.tookMs).toBeGreaterThanOrEqual(MS.probe);
  expect(await trials.once('frozen-daemon', 'ours')).toMatchObject({ fault: null, survivors: 1 });
});

it('lost metadata are restored and the replacement exits; before, it rebinds, and the old daemon is orphaned', async ({
  trials,
}) => {
  expect(await trials.once('lost-metadata', 'before')).toMatchObject({ value: '2, rebinds', orphans: 1 });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('lost-metadata', variant)).toMatchObject({
      ...{ value: '1, reconciled, exits 0', fault: null, survivors: 1, numbers: { signalled: 0 } },
    });
});
