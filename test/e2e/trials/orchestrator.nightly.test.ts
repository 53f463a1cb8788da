import { expect } from 'vitest';
import { trialsOf } from './fixture.ts';

const it = trialsOf('orchestrator');

it('files of eight dead sessions stay before; after, they are removed, the log has their number, and others stay', async ({
  trials,
}) => {
  expect(await trials.once('stale-files', 'before')).toMatchObject({ value: '8 of 8 left, 0 reaped' });
  expect(await trials.once('stale-files', 'after')).toMatchObject({
    ...{ value: '0 of 8 left, 8 reaped', fault: null, numbers: { reaped: 8, othersGone: 0 } },
  });
  expect(await trials.once('stale-files', 'ours')).toMatchObject({
    fault: null,
    numbers: { left: 0, othersGone: 0 },
  });
});

it('a server that has outlived its session is unseen before, and reported after; it is never ended', async ({
  trials,
}) => {
  expect(await trials.once('orphan', 'before')).toMatchObject({ value: 'unseen, alive', orphans: 1 });
  for (const variant of ['after', 'ours'] as const)
    expect(await trials.once('orphan', variant)).toMatchObject({ value: 'reported, alive', fault: null });
});

it('without a directory, a server without a session does nothing, and ends with 0', async ({ trials }) => {
  for (const variant of ['before', 'after', 'ours'] as const)
    expect(await trials.once('empty-directory', variant)).toMatchObject({
      ...{ value: 'exit 0, 0 files', fault: null, exitCodes: { 0: 1 } },
    });
});

it('a file of an earlier process with the PID of a session: it sees itself as another before, and not after', async ({
  trials,
}) => {
  expect(await trials.untilFault('phantom-sibling')).toMatchObject({
    ...{ value: 'sees itself as another session', numbers: { drifted: 1 } },
  });
  expect(await trials.once('phantom-sibling', 'after')).toMatchObject({
    value: 'sees none',
    numbers: { drifted: 1 },
  });
  expect(await trials.once('phantom-sibling', 'ours')).toMatchObject({ value: 'sees none', fault: null });
});
