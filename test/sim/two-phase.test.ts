import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import type { TraceEvent } from '../../src/run/index.ts';
import { type Scenario, scenario } from '../../src/scenario/index.ts';
import { runOnce } from '../check/helpers.ts';

/** Looks for a file and says what it has found, and when it knew. */
const reader: Program = async ({ fs, clock, mark }) => {
  const found = await fs.access('/f').then(
    () => true,
    () => false,
  );
  mark('found', { found, atMs: await clock.monotonicMs() });
};
const writer: Program = async ({ fs, clock, mark }) => {
  await fs.writeFile('/f', '');
  mark('written', { atMs: await clock.monotonicMs() });
};

function of(twoPhase: readonly 'access'[], programs: Record<string, Program> = { reader, writer }): Scenario {
  return scenario({
    id: 'test/two/phases',
    programs,
    start: Object.keys(programs).map((program) => ({ program })),
    machine: { twoPhase },
    faults: { kill: 1, stop: { max: 1, forMs: [50] } },
    invariants: [],
  });
}

const stepsOf = (events: readonly TraceEvent[]) =>
  events.map(({ process, op, result }) => `${process} ${op} ${JSON.stringify(result)}`);
const marks = (events: readonly TraceEvent[]) => events.filter(({ op }) => op === 'mark');

describe('an operation in two phases', () => {
  it('takes effect first: others continue before its process knows', async () => {
    // The reader begins, and looks; the writer does all that it has to do; the reader learns.
    const schedule = [0, 0, 1, 0, 0, 0, 0];
    const { events, run } = await runOnce(of(['access']), { schedule });
    expect(run.failure).toBeNull();
    const lines = stepsOf(events);
    expect(lines.indexOf('reader#1 access {"error":"ENOENT"}')).toBeLessThan(
      lines.findIndex((line) => line.startsWith('writer#1 open')),
    );
    expect(marks(events).map(({ process }) => process)).toEqual(['writer#1', 'reader#1']);
    expect(marks(events)[1]!.args).toMatchObject({ data: { found: false } });
  });

  it('is a single step without the option', async () => {
    const schedule = [0, 0, 1, 0, 0, 0, 0];
    const { events } = await runOnce(of([]), { schedule });
    const reads = marks(events).find(({ process }) => process === 'reader#1')!;
    const two = (await runOnce(of(['access']))).run.machine.scheduler.steps;
    expect((await runOnce(of([]))).run.machine.scheduler.steps).toBe(two - 1);
    expect(reads.args).toMatchObject({ data: { found: false } });
  });

  it.each([
    ['a stop', 2, 50],
    ['a kill', 1, null],
  ])('leaves room for %s between the two', async (_, which, forMs) => {
    const fault = [0, 0, which];
    const { events } = await runOnce(of(['access'], { reader }), { fault });
    const struck = events.findIndex(({ op }) => op === 'fault' || op === 'end');
    expect(events[struck - 1]).toMatchObject({ op: 'access', result: { error: 'ENOENT' } });
    const [mark] = marks(events);
    if (forMs === null) expect(mark).toBeUndefined();
    else expect(mark!.atMs).toBeGreaterThanOrEqual(forMs);
  });

  it('may be cancelled until its result is delivered', async () => {
    const canceller: Program = async ({ clock, mark }) => {
      const controller = new AbortController();
      const slept = clock.sleep(10, controller.signal).then(
        () => 'slept',
        () => 'aborted',
      );
      await clock.sleep(10);
      controller.abort();
      mark(await slept);
    };
    const { events } = await runOnce(
      scenario({
        id: 'test/two/phases',
        programs: { canceller },
        start: [{ program: 'canceller' }],
        machine: { twoPhase: ['sleep'] },
        invariants: [],
      }),
      // The second sleep is delivered first.
      { schedule: [1, 1] },
    );
    expect(marks(events)[0]!.args).toMatchObject({ name: 'aborted' });
  });

  it('appears once in a trace, even if it fails', async () => {
    const { events } = await runOnce(of(['access']));
    expect(events.filter(({ op }) => op === 'access')).toHaveLength(1);
  });
});
