import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/explore/index.ts';
import { guestProgram } from '../../../src/guest/index.ts';
import type { Program } from '../../../src/ports/index.ts';
import { always, type Scenario, scenario, type World } from '../../../src/scenario/index.ts';

/** Two processes that each make a file, or find the other's. */
function makers(program: Program, rest: Partial<Parameters<typeof scenario>[0]> = {}): Scenario {
  return scenario({
    id: 'explore/remember/makers',
    programs: { maker: program },
    start: [{ program: 'maker', count: 2 }],
    machine: { files: { '/d': null }, operationUs: 0, busyMs: 0, inodes: 'by-creator' },
    invariants: [],
    ...rest,
  });
}

const maker: Program = async ({ fs, mark }) => {
  await fs.writeFile('/d/one', '', { flag: 'wx' }).then(
    () => mark('first'),
    () => mark('second'),
  );
};

describe('what programs do is remembered, and machines are kept', () => {
  it('comes to the same when histories are forgotten again and again', async () => {
    const all = await explore(makers(maker));
    const few = await explore(makers(maker), { maxHistories: 3 });
    expect(few.histories).toBeGreaterThan(all.histories);
    for (const name of ['executions', 'states', 'edges', 'complete', 'verdict'] as const)
      expect([name, few[name]]).toEqual([name, all[name]]);
  });

  it('a program that looks behind its ports is executed again each time', async () => {
    const guest = makers(
      guestProgram({
        from: import.meta.url,
        main: async (require) => void require('node:fs').readdirSync('/d'),
      }),
    );
    const report = await explore(guest);
    expect(report).toMatchObject({ complete: true, verdict: 'passed', histories: 0 });
    expect(report.states).toBe((await explore(guest, { remember: false })).states);
  });

  it('programs that share memory are found out', async () => {
    let wake: (() => void) | null = null;
    const sharing = makers(maker, {
      programs: {
        sleeper: async ({ fs, clock }) => {
          await Promise.race([new Promise<void>((resolve) => (wake = resolve)), clock.sleep(5)]);
          await fs.stat('/d');
        },
        waker: async ({ fs }) => {
          await fs.stat('/d');
          wake?.();
          await fs.stat('/');
        },
      },
      start: [{ program: 'sleeper' }, { program: 'waker' }],
    });
    const report = await explore(sharing);
    expect(report.violations.map(({ invariant }) => invariant)).toEqual(['programs share no memory']);
  });

  it('some runs are made for real: what a program keeps from run to run shows', async () => {
    let started = 0;
    const counting: Program = async ({ fs }) => {
      started++;
      await fs.writeFile(`/d/${started}`, '');
    };
    const report = await explore(makers(counting), { maxExecutions: 20 });
    expect(report.histories).toBe(0);
    expect(report.verdict).not.toBe('passed');
  });

  it('a program that rolls dice of its own is found out', async () => {
    let rolled = 0;
    const dice: Program = async ({ fs, mark }) => {
      await fs.stat('/d');
      rolled++;
      if (rolled % 3 === 0) await fs.stat('/');
      mark('over');
    };
    const report = await explore(makers(dice), { maxExecutions: 200 });
    expect(report.verdict).toBe('nondeterministic');
  });

  it('a violation that does not happen for real is none: all is executed again', async () => {
    const seen = new WeakSet<World>();
    // Against the rule that invariants keep nothing in mind but in the world's notes.
    const forgetful = always('somebody was seen before', (world) => {
      if (world.marks.size === 0) seen.add(world);
      return seen.has(world) ? null : 'this world was never seen without marks';
    });
    const report = await explore(makers(maker, { invariants: [forgetful] }));
    expect(report).toMatchObject({ verdict: 'passed', complete: true, violations: [], histories: 0 });
  });

  it('nor is one after which a real program goes on, with choices that the search has not made', async () => {
    // A check begins with three runs of two processes each, which are not the search's.
    let started = 0;
    const first: Program = async ({ fs, mark }) => {
      const isFirst = ++started === 7;
      await fs.stat('/d');
      if (isFirst) mark('wrong');
      await fs.writeFile('/d/one', '');
      await fs.writeFile('/d/one', '');
    };
    const noneWrong = always('no process is wrong', ({ marks }) => (marks.has('wrong') ? 'one is' : null));
    const report = await explore(makers(first, { invariants: [noneWrong] }));
    expect(report).toMatchObject({ verdict: 'passed', complete: true, violations: [], histories: 0 });
  });

  it('what invariants note goes back with the run', async () => {
    const counts: number[] = [];
    const counting = always('the second mark comes after the first', (world) => {
      const noted = (world.invariantState.get('marks') as number | undefined) ?? 0;
      const now = [...world.marks.values()].reduce((sum, count) => sum + count, 0);
      world.invariantState.set('marks', now);
      counts.push(now);
      return now < noted || now > noted + 1 ? `${now} after ${noted}` : null;
    });
    const report = await explore(makers(maker, { invariants: [counting] }));
    expect(report).toMatchObject({ verdict: 'passed', complete: true });
    expect(report.histories).toBeGreaterThan(0);
    expect(Math.max(...counts)).toBe(2);
  });
});
