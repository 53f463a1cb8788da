/** Which PIDs are free: not those of zombies, nor of groups and sessions that have a member. And when start ticks go on. */
import { describe, expect, it } from 'vitest';
import { call } from '../../src/ports/call.ts';
import { type Ports, type Program, seamOf } from '../../src/ports/index.ts';
import type { FaultPlan } from '../../src/sim/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const sleeps: Program = ({ clock }) => clock.sleep(1e9);
const ends: Program = async () => 0;

/** Starts a child that nothing waits for. */
function spawn(ports: Ports, program: string, detached = false): Promise<number> {
  const { machine, process } = seamOf(ports);
  return call(machine, process, { op: 'spawn', command: [program], detached });
}

/** The PIDs of short-lived children that start one after the other, until the first of them comes again. */
async function round({ process }: Ports): Promise<number[]> {
  const pids: number[] = [];
  for (;;) {
    const { pid, exited } = await process.spawn(['ends']);
    await exited;
    if (pids.includes(pid)) return pids.sort((a, b) => a - b);
    pids.push(pid);
  }
}

const except = (...taken: number[]): number[] =>
  Array.from({ length: 101 }, (_, i) => 300 + i).filter((pid) => !taken.includes(pid));

/** What `main`, which has PID 396 of 300 to 400, reports. */
async function reportOf(main: (ports: Ports) => Promise<unknown>): Promise<unknown> {
  let report: unknown;
  const programs: Record<string, Program> = {
    main: async (ports) => {
      report = await main(ports);
    },
    ends,
    sleeps,
    leads: (ports) =>
      spawn(ports, 'sleeps').then(
        () => 0,
        () => 1,
      ),
  };
  const { failure } = await runOnce(
    scenarioOf(programs, { start: [{ program: 'main' }], machine: { firstPid: 396, pidMax: 400 } }),
  );
  expect(failure).toBeNull();
  return report;
}

describe('a PID', () => {
  it('is not given again while a group or session of that number has a member', async () => {
    const pids = await reportOf(async (ports) => {
      const { exited } = await ports.process.spawn(['leads'], { detached: true });
      await exited;
      return round(ports);
    });
    // 397 led the group, and the session, of 398, which lives.
    expect(pids).toEqual(except(396, 397, 398));
  });

  it('is free once the last member of its group has ended', async () => {
    const pids = await reportOf(async (ports) => {
      const { exited } = await ports.process.spawn(['leads'], { detached: true });
      await exited;
      await ports.process.kill(-397, 'SIGKILL');
      return round(ports);
    });
    expect(pids).toEqual(except(396));
  });

  it('is not given again while its process is a zombie', async () => {
    const report = await reportOf(async (ports) => {
      const pid = await spawn(ports, 'ends', true);
      await ports.clock.sleep(10);
      const { state, pgid, command } = await ports.process.info(pid);
      await ports.process.kill(pid, 0);
      await ports.process.kill(-pid, 0);
      const pids = await round(ports);
      const { machine, process } = seamOf(ports);
      const status = await call(machine, process, { op: 'wait', pid });
      const gone = await ports.process.info(pid).catch(({ code }) => code);
      return { pid, state, pgid, command, pids, status, gone };
    });
    expect(report).toEqual({
      ...{ pid: 397, state: 'zombie', pgid: 397, command: [] },
      pids: except(396, 397),
      status: { code: 0, signal: null },
      gone: 'ESRCH',
    });
  });

  it('of a living group is not what a stranger is given by the fault pid-reuse', async () => {
    const programs: Record<string, Program> = {
      leads: async (ports) => {
        await spawn(ports, 'sleeps');
        await ports.clock.sleep(20);
      },
      sleeps,
      watches: ({ clock }) => clock.sleep(150),
    };
    const faults: FaultPlan = { 'pid-reuse': 1 };
    const start = [{ program: 'leads' }, { program: 'watches' }];
    const { run } = await runOnce(scenarioOf(programs, { start, faults }));
    const { table } = run.machine;
    expect(table.get(1001)).toBeUndefined();
    expect(table.get(1003)).toMatchObject({ alive: true, pgid: 1001 });
    // That of `watches` is free, that of the group is not.
    expect(table.freedPids(Number.POSITIVE_INFINITY)).toEqual([1002]);
    run.machine.signal(null, table.get(1003)!, 'SIGKILL', true);
    expect(table.freedPids(Number.POSITIVE_INFINITY)).toEqual([1003, 1002, 1001]);
  });

  it('that are used up are EAGAIN, including zombies and groups', async () => {
    const spawned = await reportOf(async (ports) => {
      for (let count = 0; ; count++) {
        try {
          await spawn(ports, 'ends', true);
        } catch (error) {
          return [count, (error as { code?: string }).code];
        }
      }
    });
    expect(spawned).toEqual([99, 'EAGAIN']);
  });
});

describe('PIDs', () => {
  it('are used up sooner by groups whose leaders have gone', async () => {
    const led = await reportOf(async ({ process }) => {
      for (let count = 0; ; count++) {
        const { exited } = await process.spawn(['leads'], { detached: true });
        if ((await exited).code !== 0) return count;
      }
    });
    // Each takes two of a hundred: that of the group, and that of its child. Another leader finds none for its child.
    expect(led).toBe(49);
  });
});

describe('a process in another PID namespace than its parent', () => {
  it('leads its own group, which signals to the group of its parent do not reach', async () => {
    const start = [
      { program: 'sleeps' },
      { program: 'sleeps', parent: 'sleeps', pidNamespace: 'a' },
      { program: 'sleeps', parent: 'sleeps' },
    ];
    const { run } = await runOnce(scenarioOf({ sleeps }, { start }));
    const groups = run.machine.table.all().map(({ pid, pgid, sid }) => [pid, pgid, sid]);
    expect(groups).toEqual([
      [1001, 1001, 1001],
      [1002, 1002, 1002],
      [1003, 1001, 1001],
    ]);
  });
});

describe('start ticks', () => {
  it('count the time of a suspend, which the monotonic clock does not', async () => {
    let report: unknown;
    const main: Program = async (ports) => {
      const monotonicMs = await ports.clock.monotonicMs();
      const wallMs = await ports.clock.wallMs();
      const { startTicks } = await ports.process.self();
      const { pid } = await ports.process.spawn(['sleeps']);
      const child = await ports.process.info(pid);
      report = {
        ticks: child.startTicks - startTicks,
        wallMs: (await ports.clock.wallMs()) - wallMs,
        monotonicMs: Math.floor((await ports.clock.monotonicMs()) - monotonicMs),
      };
    };
    const faults: FaultPlan = { suspend: { max: 1, forMs: [5_000] } };
    const options = { start: [{ program: 'main' }], faults };
    // The suspend comes before the fourth operation.
    await runOnce(scenarioOf({ main, sleeps }, options), { fault: [0, 0, 0, 1] });
    expect(report).toEqual({ ticks: 500, wallMs: 5_000, monotonicMs: 0 });
  });

  it('start again after a reboot, however long the machine was suspended', async () => {
    const ticks: number[] = [];
    const main: Program = async ({ process, clock }) => {
      ticks.push((await process.self()).startTicks);
      await clock.sleep(1e9);
    };
    const options = {
      start: [{ program: 'main', atBoot: true }],
      faults: { suspend: { max: 1, forMs: [3_600_000] }, reboot: 1 } as FaultPlan,
    };
    await runOnce(scenarioOf({ main }, options), { fault: [0, 0, 1, 2] });
    expect(ticks).toHaveLength(2);
    expect(ticks[1]).toBeLessThan(60 * 100);
  });
});
