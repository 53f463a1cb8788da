import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { classifyStepBound } from '../../src/check/step-bound.ts';
import type { Program } from '../../src/ports/index.ts';
import { BUILT_IN, emptySchedule } from '../../src/run/index.ts';
import { scenario } from '../../src/scenario/index.ts';

/** After you; no, after you. */
const polite: Program = async ({ fs, process }) => {
  const { pid } = await process.self();
  for (;;) {
    await fs.writeFile(`/door/${pid}`, '');
    const others = (await fs.readdir('/door')).filter((name) => name !== `${pid}`);
    if (others.length === 0) return 0;
    await fs.unlink(`/door/${pid}`);
  }
};

/** Gets on, but not within the bound. */
const diligent: Program = async ({ fs }) => {
  for (let i = 0; i < 100_000; i++) await fs.writeFile('/counter', `${i}`);
  return 0;
};

const MAX_STEPS = 6_000;

function endless(program: Program, count: number, maxSteps = MAX_STEPS) {
  return scenario({
    id: 'test/endless/any',
    programs: { program },
    start: [{ program: 'program', count }],
    machine: { files: { '/door': null }, busyMs: 0 },
    maxSteps,
    settleMs: 100_000,
    invariants: [],
  });
}

describe('a run that is not over at its bound', () => {
  it('is a livelock if it repeats a few states', async () => {
    const { violations } = await check(endless(polite, 2, 1_000), { seed: 1, runs: 200 });
    expect(violations[0]).toMatchObject({ invariant: BUILT_IN['step-bound'] });
    expect(violations[0]!.message).toMatch(/: a livelock: it repeats \d+ states in the last \d+ steps$/);
  }, 60_000);

  it('is only slow when it gets on', async () => {
    const { violations } = await check(endless(diligent, 1), { seed: 1, runs: 3 });
    expect(violations[0]!.message).toMatch(
      /: it makes progress, slowly: .* A higher maxSteps would let it end$/,
    );
  }, 60_000);

  it('is a livelock if it reaches each state many times, however many states there are', async () => {
    const counting = (upTo: number): Program => {
      return async ({ fs }) => {
        for (let i = 0; ; i = (i + 1) % upTo) await fs.writeFile('/counter', `${i}`);
      };
    };
    const why = (upTo: number) => classifyStepBound(endless(counting(upTo), 1, 1_200), emptySchedule());
    // Three steps to write a number: 400 numbers in all. Two states more: no file yet, and an empty one.
    expect(await why(40)).toBe('a livelock: it repeats 42 states in the last 1201 steps');
    expect(await why(200)).toMatch(/^it makes progress, slowly: 202 states in the last 1201 steps\./);
  });
});
