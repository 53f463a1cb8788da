import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/check.ts';
import type { Program } from '../../src/ports/index.ts';
import { eventually } from '../../src/scenario/invariant.ts';
import { atMostOneOwner } from '../../src/scenario/invariants.ts';
import type { Start } from '../../src/scenario/options.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const program: Program = async ({ clock }) => {
  await clock.sleep(5);
};

const PROGRAMS = { early: program, late: program, visitor: program, stranger: program };
const START: readonly Start[] = [
  { program: 'early', count: 2 },
  { program: 'late', atMs: 50 },
  { program: 'stranger', foreign: true },
  { program: 'visitor', phase: 'settle' },
];
const demanded = scenarioOf(PROGRAMS, { start: [...START] });
const optional = scenarioOf(PROGRAMS, { start: START.map((start) => ({ ...start, optional: true })) });

/** The processes that there were, and their PIDs; and how many of them ran. */
async function processesOf(scenario: typeof demanded, schedule: { absent?: number[]; optional?: number[] }) {
  const { run, failure } = await runOnce(scenario, schedule);
  expect(failure).toBeNull();
  const pids = Object.fromEntries(run.machine.table.all().map(({ name, pid }) => [name, pid]));
  return { pids, begun: run.machine.acting, idle: run.idle };
}

describe('a start that the scenario demands', () => {
  it('is in every run of a search', async () => {
    const everyone = eventually('five processes', ({ processes }) =>
      processes.length === 5 ? null : `there were ${processes.length}`,
    );
    const scenario = scenarioOf(PROGRAMS, { start: [...START], invariants: [everyone] });
    const report = await check(scenario, { seed: 1, runs: 200 });
    expect(report).toMatchObject({ verdict: 'passed', runs: 200 });
    expect(report.started.map(({ processes }) => processes)).toEqual([400, 200, 200, 200]);
  });

  it('that shrinking leaves out exists but never runs', async () => {
    for (const absent of [[1], [0, 1], [0, 0, 1], [1, 0, 1], [0, 1, 1]]) {
      const { pids, begun, idle } = await processesOf(demanded, { absent });
      const left = absent.filter((one) => one === 1).length;
      expect(Object.keys(pids)).toHaveLength(5);
      expect(begun).toBe(4 - left);
      expect(idle).toHaveLength(left);
    }
  });

  it('is never left out when it comes after the faults, or is foreign', async () => {
    const { idle } = await processesOf(demanded, { absent: [1, 1, 1, 1, 1] });
    expect(idle).toEqual(['early#1', 'early#2', 'late#1']);
  });
});

describe('a start that shrinking keeps from running', () => {
  /** Two that look and then write, a while after the first has written what keeps them apart. */
  const first: Program = async ({ fs }) => fs.writeFile('/run/first', '');
  const racer: Program = async ({ fs, clock, mark }) => {
    await clock.sleep(1_000);
    if (!(await fs.exists('/run/first'))) mark('own');
    if (await fs.exists('/run/lock')) return;
    await fs.writeFile('/run/lock', '');
    mark('own');
  };
  const options = {
    start: [{ program: 'first' }, { program: 'racer', count: 2 }],
    faultsForMs: 3_000,
    settleMs: 100,
    machine: { files: { '/run': null }, busyMs: 100 },
    invariants: [atMostOneOwner],
  };

  it('is not slower than the scenario allows', async () => {
    const report = await check(scenarioOf({ first, racer }, options), { seed: 1, runs: 400 });
    // Without the first there would be two owners at once, after a second in which it did not run.
    expect(report.violations).toMatchObject([{ starts: { idle: [] } }]);
    expect(report.violations[0]!.contenders).toBe(3);
  });
});

describe('an optional start', () => {
  it('changes neither names nor PIDs of the others when it is left out, whenever they start', async () => {
    const all = (await processesOf(optional, {})).pids;
    for (const choices of [[1], [0, 1], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1]]) {
      const { pids, begun } = await processesOf(optional, { optional: choices });
      const left = choices.filter((one) => one === 1).length;
      expect(Object.keys(pids)).toHaveLength(5 - left);
      expect(begun).toBe(4 - left);
      for (const [name, pid] of Object.entries(pids)) expect(all[name]).toBe(pid);
    }
  });

  it('is left out of some runs of a search, and never all of them at once', async () => {
    const counts = new Set<number>();
    const some = eventually('counted', ({ processes }) => {
      counts.add(processes.filter(({ foreign }) => !foreign).length);
      return null;
    });
    const start = [
      { program: 'early', count: 2, optional: true },
      { program: 'late', optional: true },
    ];
    const scenario = scenarioOf(PROGRAMS, { start, invariants: [some] });
    await check(scenario, { seed: 1, runs: 200 });
    expect([...counts].sort()).toEqual([1, 2, 3]);
  });
});
