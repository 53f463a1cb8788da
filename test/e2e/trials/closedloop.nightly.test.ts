import { expect } from 'vitest';
import { LIMITS } from '../../../src/systems/closedloop/constants.ts';
import { trialsOf } from './fixture.ts';

const it = trialsOf('closedloop');

it('an orphan keeps the next app from its TCP port for five retries; after, it is ended, and the app serves', async ({
  trials,
}) => {
  expect(await trials.once('orphan', 'before')).toMatchObject({
    ...{ value: 'gave up after 5 retries', orphans: 1, exitCodes: { 1: LIMITS.restarts + 1 } },
  });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('orphan', variant)).toMatchObject({
      fault: null,
      orphans: 0,
      numbers: { dialogs: 0 },
    });
});

it('a sidecar that does not end at SIGTERM gets SIGKILL two seconds later', async ({ trials }) => {
  const { value, fault, numbers } = await trials.once('stubborn-orphan', 'after');
  expect(fault).toBeNull();
  expect(value).toMatch(/^ended \(SIGTERM, \d+\.\d s, SIGKILL\), serves$/);
  expect(numbers!.betweenMs).toBeGreaterThanOrEqual(LIMITS.killGraceMs);
});

it('the PID file is written when the sidecar is ready, and removed on a clean stop', async ({ trials }) => {
  expect(await trials.once('clean-stop', 'after')).toMatchObject({ value: 'written, removed, exit 0' });
});

it('a live sidecar that the shared PID file names is ended by the first version, and spared after review', async ({
  trials,
}) => {
  const inFile = { namedInPidFile: 1 };
  expect(await trials.once('live', 'before')).toMatchObject({
    value: 'ended without consent',
    numbers: inFile,
  });
  expect(await trials.once('live', 'after')).toMatchObject({
    ...{ value: 'survives, blocked-live', fault: null, numbers: { ...inFile, signals: 0 } },
  });
  expect(await trials.once('live', 'ours')).toMatchObject({
    value: 'survives, blocked-live',
    numbers: { signals: 0 },
  });
});

it('a foreign process on 0.0.0.0 is not seen by the first version, and named and left alone after review', async ({
  trials,
}) => {
  expect(await trials.once('foreign', 'before')).toMatchObject({ value: 'silent, 5 retries, untouched' });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('foreign', variant)).toMatchObject({
      value: 'named, untouched',
      numbers: { signals: 0 },
    });
});

it('another app takes the TCP port in crash recovery: a dialog in the first version, none after review', async ({
  trials,
}) => {
  expect(await trials.once('recovery', 'before')).toMatchObject({ value: 'a dialog, the other survives' });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('recovery', variant)).toMatchObject({ value: 'no dialog, the other survives' });
});
