import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { runOnce, scenarioOf } from './helpers.ts';

const program: Program = async ({ clock }) => {
  await clock.sleep(5);
};

const scenario = scenarioOf(
  { early: program, late: program, visitor: program, stranger: program },
  {
    start: [
      { program: 'early', count: 2 },
      { program: 'late', atMs: 50 },
      { program: 'stranger', foreign: true },
      { program: 'visitor', phase: 'settle' },
    ],
  },
);

/** Who takes part, and under which PID. */
async function partakers(absent: readonly number[]) {
  const { run, failure } = await runOnce(scenario, { absent });
  expect(failure).toBeNull();
  const names = Object.fromEntries(run.machine.table.all().map(({ name, pid }) => [name, pid]));
  return { names, contenders: run.contenders };
}

describe('who is left out of a run', () => {
  it('changes neither names nor PIDs of the others, whenever they start', async () => {
    const everybody = (await partakers([])).names;
    expect(Object.keys(everybody)).toHaveLength(5);
    for (const absent of [[1], [0, 1], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1]]) {
      const { names, contenders } = await partakers(absent);
      expect(Object.keys(names)).toHaveLength(5 - absent.filter((one) => one === 1).length);
      expect(contenders).toBe(4 - absent.filter((one) => one === 1).length);
      for (const [name, pid] of Object.entries(names)) expect(everybody[name]).toBe(pid);
    }
  });

  it('is never everybody, and neither who comes after the faults nor strangers', async () => {
    const { names } = await partakers([1, 1, 1, 1, 1]);
    expect(Object.keys(names).sort()).toEqual(['late#1', 'stranger#1', 'visitor#1']);
  });
});
