import { Session } from 'node:inspector';
import { afterEach, expect, test } from 'vitest';
import { callAt, numberCalls, stopInCall } from '../../src/check/index.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { scenarioOf } from './helpers.ts';

const writes = scenarioOf(
  { writer: async ({ fs }) => fs.writeFile('/run/a', 'a') },
  { machine: { files: { '/run': null } } },
);

let session: Session | null = null;

afterEach(() => {
  session?.disconnect();
  session = null;
});

/** What expressions come to where a debugger stops; it goes on by itself. */
function evaluated(expression: string): unknown[] {
  const values: unknown[] = [];
  session = new Session();
  session.connect();
  session.on('Debugger.paused', ({ params }) => {
    const { callFrameId } = params.callFrames[0]!;
    session!.post('Debugger.evaluateOnCallFrame', { callFrameId, expression }, (error, answer) =>
      values.push(error ?? answer.result.value),
    );
  });
  session.post('Debugger.enable');
  return values;
}

test('what is evaluated where a debugger stops is no work of the program: it has the real time', async () => {
  const run = await numberCalls(writes, emptySchedule());
  const event = callAt({ step: firstStep(run), op: null }, writes, run);
  const values = evaluated('Date.now()');
  expect(await stopInCall(writes, emptySchedule(), run, event)).toBe(true);
  expect(values).toHaveLength(1);
  expect(Math.abs(Number(values[0]) - Date.now())).toBeLessThan(600_000);
});

function firstStep({ callOf }: Awaited<ReturnType<typeof numberCalls>>): number {
  return [...callOf.keys()][0]!.step;
}
