import { expect, test } from 'vitest';
import { callAt, numberCalls, stopInCall } from '../../src/check/index.ts';
import { processorShare } from '../../src/host/index.ts';
import { HANG_TIMEOUT_MS } from '../../src/run/hang-timeout.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { scenarioOf } from './helpers.ts';

test('a run that stands still is not interrupted, however long a debugger holds it', async () => {
  // That of the real machine: a program has none.
  const now = performance.now.bind(performance);
  let holdsMs = 0;
  const held = scenarioOf(
    {
      writer: async ({ fs }) => {
        await fs.writeFile('/run/a', 'a');
        // As while a debugger has stopped it.
        for (const until = now() + holdsMs; now() < until; );
      },
    },
    { machine: { files: { '/run': null } } },
  );
  const run = await numberCalls(held, emptySchedule());
  const event = callAt({ step: [...run.callOf.keys()][0]!.step, op: null }, held, run);
  holdsMs = HANG_TIMEOUT_MS + 1_000;
  // As on an idle machine: on a busy one, the time-out is longer.
  processorShare.add(1e9, 1e9);
  const begunAt = now();
  expect(await stopInCall(held, emptySchedule(), run, event)).toBe(true);
  expect(now() - begunAt).toBeGreaterThan(HANG_TIMEOUT_MS);
});
