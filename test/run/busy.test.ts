// Time that passes although a process could go on: how much of it, and until when.
import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { executeOne } from '../../src/run/execute.ts';
import { Run } from '../../src/run/index.ts';
import { atMostOneOwner, type ScenarioOptions, sometimes } from '../../src/scenario/index.ts';
import type { Choices } from '../../src/sim/index.ts';
import { scenarioOf } from '../check/helpers.ts';

describe('time that passes although a process could run', () => {
  /** Says when it goes on. */
  const late: Program = async ({ fs, mark }) => {
    await fs.stat('/');
    mark('on');
  };
  /** Its timers are the moments that time can pass to. */
  const sleeper: Program = async ({ clock }) => {
    for (;;) await clock.sleep(10);
  };

  /** When the late program goes on, if time passes whenever it may. */
  async function wentOnAtMs(
    busyMs: number,
    options: Pick<ScenarioOptions, 'faultsForMs' | 'settleMs'>,
  ): Promise<number | null> {
    const start = [{ program: 'sleeper' }, { program: 'late', atMs: 1 }];
    const scenario = scenarioOf(
      { sleeper, late },
      { start, machine: { busyMs, operationUs: 0 }, ...options },
    );
    let atMs: number | null = null;
    const choices: Choices = {
      choose: (_, concern) => (concern === 'time' && run.world.nowMs > 0 ? 1 : 0),
    };
    const run: Run = new Run(scenario, choices, {
      listener: {
        marked: () => {
          atMs = run.world.nowMs;
        },
      },
    });
    await executeOne(run);
    return atMs;
  }

  it('passes until half of settleMs is over; then the process continues', async () => {
    expect(await wentOnAtMs(10_000, { faultsForMs: 200, settleMs: 200 })).toBe(300);
    expect(await wentOnAtMs(10_000, { faultsForMs: 50, settleMs: 900 })).toBe(500);
    expect(await wentOnAtMs(10_000, { faultsForMs: 200, settleMs: 0 })).toBe(200);
  });

  it('never passes to a timer that is due later', async () => {
    expect(await wentOnAtMs(10_000, { faultsForMs: 200, settleMs: 218 })).toBe(300);
  });

  it('is at most busyMs in all, before and after the faults have stopped', async () => {
    expect(await wentOnAtMs(150, { faultsForMs: 200, settleMs: 200 })).toBe(150);
    expect(await wentOnAtMs(250, { faultsForMs: 200, settleMs: 200 })).toBe(250);
  });
});

describe('a lock whose lease ends after the faults have stopped', () => {
  const LOCK = '/mine.lock';
  /** Between the look at the time and the removal another process may have taken the lock over. */
  const racy: Program = async ({ fs, clock, mark }) => {
    for (;;) {
      try {
        await fs.mkdir(LOCK);
        break;
      } catch {
        const seen = await fs.stat(LOCK).catch(() => null);
        if (seen === null) continue;
        if ((await clock.wallMs()) - seen.mtimeMs > 5_000) {
          mark('stale');
          await fs.rmdir(LOCK).catch(() => {});
        } else await clock.sleep(500);
      }
    }
    mark('own');
    for (;;) {
      await clock.sleep(1_000);
      const nowMs = await clock.wallMs();
      await fs.utimes(LOCK, nowMs, nowMs).catch(() => {});
    }
  };

  it.each([1, 2, 3])('loses to a process that is late to take it over: seed %i', async (seed) => {
    const scenario = scenarioOf(
      { racy },
      {
        start: [
          { program: 'racy', count: 2 },
          { program: 'racy', phase: 'settle' },
        ],
        faults: { kill: 1 },
        faultsForMs: 3_000,
        settleMs: 10_000,
        invariants: [atMostOneOwner, sometimes('a claim was stale', 'stale')],
      },
    );
    const { violations } = await check(scenario, { seed, runs: 400 });
    expect(violations).toMatchObject([{ invariant: 'at most one owner' }]);
  });
});
