/** The rules of one run, of comparing two, and of adding up many, each by itself. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { mergeCoverage, NO_COVERAGE } from '../../src/run/coverage.ts';
import { Deadline } from '../../src/run/deadline.ts';
import { firstDifference } from '../../src/run/difference.ts';
import type { TraceEvent } from '../../src/run/index.ts';
import { always } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

describe('a run', () => {
  it('of exactly the maximum number of steps is not too long', async () => {
    const program: Program = async ({ fs }) => void (await fs.exists('/'));
    const { run } = await runOnce(scenarioOf({ program }));
    const { steps } = run.machine.scheduler;
    expect((await runOnce(scenarioOf({ program }, { maxSteps: steps }))).failure).toBeNull();
    expect((await runOnce(scenarioOf({ program }, { maxSteps: steps - 1 }))).failure).not.toBeNull();
  });

  it('has the first violation of its last step', async () => {
    const program: Program = async ({ mark }) => mark('said');
    const said = (name: string, when: 'step' | 'change') =>
      always(name, ({ marks }) => (marks.has('said') ? name : null), { when });
    const invariants = [said('second', 'change'), said('first', 'step')];
    const { failure } = await runOnce(scenarioOf({ program }, { invariants }));
    expect(failure).toMatchObject({ invariant: 'first' });
  });

  it('goes on after a crash if the scenario allows that', async () => {
    const program: Program = () => Promise.reject(new Error('crash'));
    expect((await runOnce(scenarioOf({ program }))).failure).not.toBeNull();
    expect((await runOnce(scenarioOf({ program }, { crashes: 'allowed' }))).failure).toBeNull();
  });

  it('starts again after a reboot what starts at boot, and nothing else', async () => {
    const program: Program = ({ clock }) => clock.sleep(1e6);
    const scenario = scenarioOf(
      { service: program, command: program },
      {
        start: [{ program: 'service', atBoot: true }, { program: 'command' }],
        faults: { reboot: 1 },
      },
    );
    const { run } = await runOnce(scenario, { fault: [0, 0, 1] });
    expect(run.machine.table.all().map(({ name }) => name)).toEqual([
      ...['service#1', 'command#1', 'service#2'],
    ]);
  });
});

describe('two runs differ', () => {
  const event = (more: Partial<TraceEvent> = {}): TraceEvent => ({
    ...{ step: 1, atMs: 5, process: 'a#1', op: 'stat', args: { path: '/' }, result: null },
    ...more,
  });

  it('if one of them goes on', () => {
    expect(firstDifference([event()], [event()])).toBeNull();
    expect(firstDifference([event()], [event(), event({ step: 2 })])).toMatchObject({ index: 1, step: 2 });
  });

  it('if the same happens at another time', () => {
    expect(firstDifference([event()], [event({ atMs: 6 })])).toMatchObject({ index: 0 });
  });
});

describe('a deadline', () => {
  it('that is over leaves a moment for what was found, which is a part of the budget', () => {
    const over = new Deadline(performance.now() - 1_000);
    expect(over.aborted).toBe(true);
    const grace = over.withGrace(10_000);
    expect(grace.leftMs).toBeGreaterThan(0);
    expect(grace.leftMs).toBeLessThanOrEqual(1_000);
  });
});

describe('the coverage of several threads', () => {
  const one = { invariant: 'i', requires: 'r', optional: false, runs: 1 };

  it('is added up', () => {
    const part = { ...NO_COVERAGE, exercised: [one] };
    expect(mergeCoverage([part, part, part]).exercised).toEqual([{ ...one, runs: 3 }]);
  });

  it('has the longest sleep of all of them', () => {
    const parts = [0, 9, 4].map((unawaitedSleepMs) => ({ ...NO_COVERAGE, unawaitedSleepMs }));
    expect(mergeCoverage([parts[0]!, ...parts.slice(1)]).unawaitedSleepMs).toBe(9);
  });
});
