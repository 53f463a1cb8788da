import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import { merge } from '../../src/check/parallel/merge.ts';
import type { FsPort, Program } from '../../src/ports/index.ts';
import { executeOne, RecordedChoices, Run } from '../../src/run/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { abstractStateOf } from '../../src/schedule/abstract-state.ts';
import { findStrategy } from '../../src/schedule/index.ts';
import { RandomChoices } from '../../src/schedule/random.ts';
import { RunFactory } from '../../src/schedule/run-factory.ts';
import { StateWatch } from '../../src/schedule/state-watch.ts';
import { MODEL } from '../../src/systems/model/scenarios.ts';
import { GENERATIONS } from '../../src/systems/naive/generations.ts';
import { scenarioOf } from '../check/helpers.ts';

const novelty = findStrategy('novelty')!;
const portfolio = findStrategy('portfolio')!;
const sound = MODEL[0]!;
const both = [
  ['novelty', novelty],
  ['portfolio', portfolio],
] as const;

describe('a strategy that learns', () => {
  it.each(both)('%s: the same runs, whichever of them are made here', async (_, strategy) => {
    const whole = await search(sound, { seed: 3, runs: 60, strategy });
    const again = await search(sound, { seed: 3, runs: 60, strategy });
    expect(again).toEqual(whole);
    const ranges = [
      { from: 0, to: 17 },
      { from: 17, to: 41 },
      { from: 41, to: 60 },
    ];
    const parts = [];
    for (const range of ranges) parts.push(await search(sound, { seed: 3, range, strategy }));
    const merged = merge(parts);
    expect({ ...merged, states: new Set(merged.states) }).toEqual({
      ...whole,
      states: new Set(whole.states),
    });
  });

  it.each(both)('%s: the same runs in shards', async (_, strategy) => {
    const whole = await search(sound, { seed: 4, runs: 40, strategy });
    const shards = [];
    for (let index = 0; index < 3; index++) {
      shards.push(await search(sound, { seed: 4, runs: 40, strategy, shard: { index, of: 3 } }));
    }
    const merged = merge(shards);
    expect(merged.runs).toBe(40);
    expect(merged.steps).toBe(whole.steps);
    expect(new Set(merged.states)).toEqual(new Set(whole.states));
    expect(merged.strategies).toEqual(whole.strategies);
  });

  it.each(both)('%s: finds the same run from wherever it begins', async (_, strategy) => {
    const [collected] = GENERATIONS;
    const { found } = await search(collected!, { seed: 5, runs: 2_000, strategy });
    expect(found).not.toBeNull();
    const from = found!.run - 1;
    const alone = await search(collected!, { seed: 5, range: { from, to: from + 1 }, strategy });
    expect(alone).toMatchObject({ runs: 1, found });
    const shard = { index: from % 5, of: 5 };
    expect((await search(collected!, { seed: 5, runs: 2_000, shard, strategy })).found).toEqual(found);
  });

  it('starts again with each block of run numbers, and repeats no run within a block', () => {
    const steering = new RunFactory(sound, novelty, 1, { choices: 100 });
    const counted = (number: number) => {
      let extra = 0;
      for (; ; extra++) {
        const { run, counts } = steering.next(number);
        run.machine.halt = { reason: 'deadlock', process: null, message: 'not made at all' };
        steering.done();
        if (counts) return extra;
      }
    };
    expect([0, 1, 2].map(counted)).toEqual([0, 0, 0]);
    expect(counted(5)).toBe(2);
    expect(counted(256)).toBe(0);
    expect(counted(256 + 3)).toBe(2);
  });

  it('returns to schedules that reached a new state', async () => {
    const RUNS = 60;
    /** So many choices are hardly ever the same by chance. */
    const BEGINNING = 12;
    const factory = new RunFactory(sound, novelty, 1, { choices: 40 });
    const beginnings = new Set<string>();
    let again = 0;
    for (let number = 0; number < RUNS; number++) {
      const { run, recorded } = factory.next(number);
      await executeOne(run);
      factory.done();
      const beginning = recorded.schedule.schedule.slice(0, BEGINNING).join();
      if (beginnings.has(beginning)) again++;
      beginnings.add(beginning);
    }
    // About two thirds of the runs go back to a moment, and some of these moments are nearer to the beginning.
    expect(again).toBeGreaterThan(RUNS / 5);
    const fresh = new Set(
      await Promise.all(
        Array.from({ length: RUNS }, async (_, number) => {
          const choices = novelty.choices(number, { choices: 40 });
          const recorded = new RecordedChoices(choices);
          await executeOne(new Run(sound, recorded));
          return recorded.schedule.schedule.slice(0, BEGINNING).join();
        }),
      ),
    );
    expect(fresh.size).toBeGreaterThan(RUNS * 0.9);
  });
});

describe('an abstract state', () => {
  /** In how many states a run has been. */
  const watch = async (scenario: Scenario): Promise<number> => {
    const watch = new StateWatch();
    const run = new Run(scenario, new RandomChoices(1), { listener: watch });
    watch.attach(run);
    await executeOne(run);
    return watch.states.size;
  };

  const watched = async (
    work: (write: (text: string) => Promise<void>, mark: (name: string) => void) => Promise<void>,
  ) => {
    const scenario = scenarioOf({
      daemon: async (ports) => {
        await work(
          (text) => ports.fs.writeFile('/claim', text),
          (name) => ports.mark(name),
        );
        return 0;
      },
    });
    return watch(scenario);
  };

  it('differs if a claim or a mark of a process differs', async () => {
    const one = await watched((write) => write('owner'));
    expect(await watched(async (write) => [await write('owner'), await write('free')].pop())).toBeGreaterThan(
      one,
    );
    expect(await watched(async (write, mark) => [await write('owner'), mark('own')].pop())).toBeGreaterThan(
      one,
    );
  });

  it('ignores numbers: times, generations, PIDs of foreign processes', async () => {
    const few = await watched(async (write) => [await write('beat 1'), await write('beat 2')].pop());
    const many = await watched(async (write) => {
      for (let i = 1; i <= 20; i++) await write(`beat ${i}`);
    });
    expect(many).toBe(few);
  });

  it.each<[string, (fs: FsPort) => Promise<unknown>]>([
    ['open', (fs) => fs.open('/new', 'w')],
    ['write', async (fs) => fs.write(await fs.open('/claim', 'r+'), 'x')],
    ['ftruncate', async (fs) => fs.ftruncate(await fs.open('/claim', 'r+'))],
    ['link', (fs) => fs.link('/claim', '/new')],
    ['symlink', (fs) => fs.symlink('/claim', '/empty/new')],
    ['rename', (fs) => fs.rename('/claim', '/new')],
    ['unlink', (fs) => fs.unlink('/claim')],
    ['mkdir', (fs) => fs.mkdir('/new')],
    ['rmdir', (fs) => fs.rmdir('/empty')],
  ])('is another after %s', async (_, change) => {
    const statesOf = async (work: (fs: FsPort) => Promise<unknown>): Promise<number> => {
      const daemon: Program = async ({ fs }) => {
        await work(fs);
        return 0;
      };
      return watch(scenarioOf({ daemon }, { machine: { files: { '/claim': 'free', '/empty': null } } }));
    };
    // One before the exit, and another one after it instead of the one without the change.
    expect(await statesOf(change)).toBe((await statesOf(async () => {})) + 1);
  });

  it('depends on which process owns, and on whose PID a file contains', () => {
    const process = (pid: number) => ({ name: `daemon#${pid}`, pid, program: () => {}, state: 'running' });
    const [first, second] = [process(1001), process(1002)];
    const state = (owners: unknown[], claim: string, record = ''): number => {
      const world = {
        files: () => ({ '/claim': claim, '/record': record }),
        currentClaims: owners.map((owner) => ({ process: owner, token: null })),
        processes: [first, second],
      };
      return abstractStateOf(world as never, new Map([first, second].map((each) => [each as never, 'own'])));
    };
    const both = state([first, second], 'pid 7');
    expect(state([second], 'pid 7')).not.toBe(both);
    expect(state([first, second], 'pid 1001')).not.toBe(both);
    expect(state([first], 'pid 7')).toBe(state([second], 'pid 7'));
    // Whether a file names the owner or the other one is a difference; which of them the owner is, is none.
    expect(state([first], 'pid 1001')).not.toBe(state([second], 'pid 1001'));
    expect(state([first], 'pid 1001')).toBe(state([second], 'pid 1002'));
    // Two files may name one process, or one each.
    expect(state([first], 'pid 1001', 'pid 1001')).not.toBe(state([first], 'pid 1002', 'pid 1001'));
    expect(state([first], 'pid 1001', 'pid 1001')).not.toBe(state([first], 'pid 7', 'pid 1001'));
  });
});
