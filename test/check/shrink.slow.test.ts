import { describe, expect, it } from 'vitest';
import { recordRun } from '../../src/check/attempt.ts';
import { costOf } from '../../src/check/counterexample.ts';
import { check, replay, replaySchedule, search, shrink } from '../../src/check/index.ts';
import { hasCode, type Program } from '../../src/ports/index.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { always, atMostOneOwner, eventually, type ScenarioOptions } from '../../src/scenario/index.ts';
import { ActionReplayer } from '../../src/schedule/action-log.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { runOnce, scenarioOf } from './helpers.ts';
import { smallerByOneMove } from './moves.ts';

const [coldStart] = NAIVE;

describe('shrinking', () => {
  it('makes two contenders and at most three switches of every cold start of the naive lock', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const { found } = await search(coldStart!, { seed });
      const smallest = await shrink(coldStart!, found!.schedule, found!.failure);
      expect(smallest.cost.contenders).toBe(2);
      expect(smallest.cost.switches).toBeLessThanOrEqual(3);
      expect(smallest.cost.faults).toBe(0);
      const again = await replaySchedule(coldStart!, smallest.schedule);
      expect(again.verdict).toBe('violated');
      expect(again.failure).toEqual(smallest.failure);
      expect(again.cost).toEqual(smallest.cost);
      expect(again.misfit).toBeNull();
    }
  });

  it('ends where no single move makes a counterexample smaller', async () => {
    for (const scenario of NAIVE) {
      const { found } = await search(scenario, { seed: 1 });
      const smallest = await shrink(scenario, found!.schedule, found!.failure);
      expect(await smallerByOneMove(scenario, smallest)).toBeNull();
    }
  });

  /** Its lock expires while it is stopped: that alone is what it takes. */
  const lease: Program = async ({ fs, clock, mark }) => {
    for (;;) {
      try {
        await fs.writeFile('/lock', '', { flag: 'wx' });
        break;
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      const { mtimeMs } = await fs.stat('/lock').catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if ((await clock.wallMs()) - mtimeMs > 1_000) await fs.unlink('/lock').catch(() => {});
      else await clock.sleep(200);
    }
    mark('own');
    await clock.sleep(500);
    mark('release');
    await fs.unlink('/lock').catch(() => {});
  };

  it('leaves of many faults the one that is needed', async () => {
    const scenario = scenarioOf(
      { lease },
      {
        start: [{ program: 'lease', count: 2 }],
        faults: { kill: 2, stop: { max: 3, forMs: [50, 1_500] }, 'pid-reuse': 2 },
        faultsForMs: 4_000,
        settleMs: 1_000,
        invariants: [atMostOneOwner],
      },
    );
    for (let seed = 0; seed < 5; seed++) {
      const report = await check(scenario, { seed });
      expect(report.verdict).toBe('violated');
      expect(report.violations[0]).toMatchObject({ faults: 1 });
      const again = await replay(report.violations[0]!.token, () => scenario);
      const faults = again.events.filter(({ op }) => op === 'fault');
      expect(faults.map(({ args }) => args.fault)).toEqual(['stop']);
      expect(faults[0]!.args.forMs).toBe(1_500);
    }
  });

  /** Writes its letter so many times. */
  const writer =
    (letter: string, times: number): Program =>
    async ({ fs }) => {
      const fd = await fs.open('/log', 'a');
      for (let i = 0; i < times; i++) await fs.write(fd, letter);
    };

  /** A scenario that fails as soon as letters have been written in such an order, and a schedule that writes them so. */
  const written = async (log: RegExp, order: string, options: Partial<ScenarioOptions> = {}) => {
    const scenario = scenarioOf(
      { a: writer('a', 6), b: writer('b', 6), bystander: writer('c', 1) },
      {
        machine: { files: { '/log': '' } },
        invariants: [
          always('in another order', (world) => (log.test(world.files()['/log']!) ? 'in this one' : null)),
        ],
        ...options,
      },
    );
    // First each of them begins, and opens the file.
    const actions = [...'abcabc', ...order].map((letter) => ({
      kind: 'step' as const,
      process: 'abc'.indexOf(letter),
      rank: 0,
    }));
    const { run, schedule } = await recordRun(
      scenario,
      new ActionReplayer(actions, { absent: [], optional: [], machine: [] }),
    );
    expect(run.world.files()['/log']).toBe(order);
    return { scenario, schedule, failure: run.failure! };
  };

  it('leaves out processes that are not involved, however rare the order of the others', async () => {
    const { scenario, schedule, failure } = await written(/^c?abbabaabbaab$/, 'cabbabaabbaab');
    const { cost, ...smallest } = await shrink(scenario, schedule, failure);
    expect(cost.contenders).toBe(2);
    const { events, starts } = await replaySchedule(scenario, smallest.schedule);
    expect(starts).toEqual({ of: 3, idle: ['bystander#1'], leftOut: [] });
    const acting = events.filter(({ op }) => op !== 'start').map(({ process }) => process);
    expect(new Set(acting)).toEqual(new Set(['a#1', 'b#1']));
  });

  it('moves later actions of a process forward if that is equivalent', async () => {
    const start = [{ program: 'a' }, { program: 'b' }];
    // Without any of the first letters those that follow them would come too early, or too late.
    const { scenario, schedule, failure } = await written(/^a(ab|ba)babba$/, 'abababba', { start });
    const smallest = await shrink(scenario, schedule, failure);
    const { run } = await runOnce(scenario, smallest.schedule);
    expect(run.world.files()['/log']).toBe('aabbabba');
  });

  it('lets every start run for what must come true in the end: without one it would be false for another reason', async () => {
    // The file has both letters in the end, unless one process writes what it had read before the other wrote.
    const adds =
      (letter: string): Program =>
      async ({ fs }) => {
        const before = await fs.readFile('/log');
        await fs.writeFile('/log', `${before}${letter}`);
      };
    const scenario = scenarioOf(
      { a: adds('a'), b: adds('b') },
      {
        machine: { files: { '/log': '' } },
        invariants: [
          eventually('both have written', (world) =>
            world.files()['/log']!.length === 2 ? null : 'one of them is missing',
          ),
        ],
      },
    );
    const { found } = await search(scenario, { seed: 1 });
    const smallest = await shrink(scenario, found!.schedule, found!.failure);
    expect(smallest.cost.contenders).toBe(2);
    const { starts } = await replaySchedule(scenario, smallest.schedule);
    expect(starts).toEqual({ of: 2, idle: [], leftOut: [] });
  });

  it("leaves the machine's choices at their defaults", async () => {
    const port = { kind: 'tcp', host: '127.0.0.1', tcpPort: 49_152 } as const;
    const scenario = scenarioOf(
      {
        victim: async ({ net, clock, mark }) => {
          await net.listen(port);
          mark('own');
          await clock.sleep(1_000);
        },
        heir: async ({ net, clock, process, mark }) => {
          await process.kill(1001, 'SIGKILL');
          for (;;) {
            try {
              await net.listen(port);
              break;
            } catch {
              await clock.sleep(5);
            }
          }
          mark('inherit');
        },
      },
      {
        machine: { lingerMs: 20 },
        crashes: 'allowed',
        invariants: [
          always('no process inherits', ({ marks }) =>
            marks.has('own') && marks.has('inherit') ? 'somebody has' : null,
          ),
        ],
      },
    );
    // What the victim holds outlasts it.
    const { run, failure } = await runOnce(scenario, { machine: [1] });
    const smallest = await shrink(scenario, { ...emptySchedule(), machine: [1] }, failure!);
    expect(smallest.schedule.machine).toEqual([0]);
    expect(smallest.cost).toEqual({ ...costOf(run), steps: smallest.cost.steps });
    expect(smallest.cost.steps).toBeLessThan(run.machine.scheduler.steps);
  });
});
