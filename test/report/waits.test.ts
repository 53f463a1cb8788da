/** What processes wait for at the end of a run in which something did not come true. */
import { describe, expect, it } from 'vitest';
import { replaySchedule } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { evidenceOf } from '../../src/report/report.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { always, eventually } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const polls: Program = async ({ fs, clock }) => {
  for (;;) {
    if (await fs.stat('/ready').catch(() => null)) return;
    await clock.sleep(50);
  }
};
const serves: Program = async ({ net, clock }) => {
  await clock.sleep(7);
  const listener = await net.listen({ kind: 'unix', path: '/socket' });
  for (;;) await net.accept(listener);
};

describe('after something that did not come true, a note says', () => {
  it('what each process waits for, since when, and what it did before it slept', async () => {
    const isReady = eventually('it is ready', () => 'it is not');
    const scenario = scenarioOf({ polls, serves, ends: async () => {} }, { invariants: [isReady] });
    const { notes } = evidenceOf(await replaySchedule(scenario, emptySchedule()), null);
    expect(notes.filter((note) => note.startsWith('waiting'))).toEqual([
      expect.stringMatching(
        /^waiting at the end: serves#1: accept on \/socket, since 7 ms; polls#1: sleep, since \d+ ms, after stat \/ready ✗ ENOENT$/,
      ),
    ]);
  });

  it('nothing of the kind if something happened that must not', async () => {
    const never = always('it does not end', ({ processes }) => (processes.length > 1 ? null : 'it ends'));
    const scenario = scenarioOf({ polls, ends: async () => {} }, { invariants: [never] });
    const { waits } = await replaySchedule(scenario, emptySchedule());
    expect(waits).toEqual([]);
  });
});
