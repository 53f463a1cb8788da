import { describe, expect, it } from 'vitest';
import { isSystemError, type Ports, type Program, type Signal } from '../../src/ports/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

/** The code that an operation fails with; what it gives, if it succeeds. */
async function codeOf(operation: Promise<unknown>): Promise<unknown> {
  try {
    return await operation;
  } catch (error) {
    if (isSystemError(error)) return error.code;
    throw error;
  }
}

const sleeper: Program = async ({ clock }) => {
  for (;;) await clock.sleep(10);
};

const idler: Program = async ({ clock }) => clock.sleep(60_000);

/** Runs `main` next to the other programs, which start first; what it logs. */
async function logOf(
  main: (ports: Ports, log: (line: unknown) => void) => Promise<void>,
  others: Readonly<Record<string, Program>> = {},
  options: Parameters<typeof scenarioOf>[1] = {},
): Promise<unknown[]> {
  const lines: unknown[] = [];
  const programs = { main: (ports: Ports) => main(ports, (line) => lines.push(line)), ...others };
  const { failure } = await runOnce(
    scenarioOf(programs, { start: [{ program: 'main' }], crashes: 'allowed', settleMs: 2_000, ...options }),
  );
  expect(failure).toBeNull();
  return lines;
}

describe('signals', () => {
  it.each<[Signal, string]>([
    ['SIGHUP', 'SIGHUP'],
    ['SIGINT', 'SIGINT'],
    ['SIGQUIT', 'SIGQUIT'],
    ['SIGKILL', 'SIGKILL'],
    ['SIGUSR2', 'SIGUSR2'],
    ['SIGTERM', 'SIGTERM'],
    ['SIGCHLD', 'lives'],
    ['SIGCONT', 'lives'],
    ['SIGPIPE', 'lives'],
    ['SIGALRM', 'SIGALRM'],
    ['SIGURG', 'lives'],
    ['SIGWINCH', 'lives'],
    ['SIGTSTP', 'lives'],
  ])('%s without a handler: %s', async (signal, fate) => {
    const lines = await logOf(
      async ({ process, clock }, log) => {
        const { pid, exited } = await process.spawn(['sleeper']);
        await clock.sleep(5);
        await process.kill(pid, signal);
        const lives = clock.sleep(100).then(() => 'lives');
        log(await Promise.race([lives, exited.then((status) => status.signal)]));
      },
      { sleeper },
    );
    expect(lines).toEqual([fate]);
  });

  it('reach all their handlers, and the process continues', async () => {
    const heard: string[] = [];
    await logOf(
      async ({ process, clock }) => {
        const { pid } = await process.spawn(['listens']);
        await clock.sleep(20);
        await process.kill(pid, 'SIGUSR2');
        await clock.sleep(20);
        await process.kill(pid, 'SIGTERM');
        await clock.sleep(20);
        expect(await process.kill(pid, 0)).toBeUndefined();
      },
      {
        listens: async ({ process, clock }) => {
          await process.onSignal(['SIGUSR2', 'SIGTERM'], (signal) => heard.push(`first ${signal}`));
          await process.onSignal(['SIGTERM'], (signal) => heard.push(`second ${signal}`));
          for (;;) await clock.sleep(10);
        },
      },
    );
    expect(heard).toEqual(['first SIGUSR2', 'first SIGTERM', 'second SIGTERM']);
  });

  it('that are handled do not hide a process that waits for ever', async () => {
    const { failure } = await runOnce(
      scenarioOf({
        waits: async ({ process, clock }) => {
          await process.onSignal(['SIGUSR2'], () => {});
          await clock.sleep(100);
          await new Promise(() => {});
        },
        signals: async ({ process, clock }) => {
          await clock.sleep(10);
          await process.kill(1001, 'SIGUSR2');
        },
      }),
    );
    expect(failure?.invariant).toBe('no process waits for ever');
    expect(failure?.message).toContain('waits#1');
  });

  it('are pending while a process is stopped', async () => {
    const heard: string[] = [];
    const lines = await logOf(
      async ({ process, clock }, log) => {
        const { pid } = await process.spawn(['listens']);
        await clock.sleep(20);
        await process.kill(pid, 'SIGSTOP');
        // Twice is once: a signal that is pending already is not queued again.
        await process.kill(pid, 'SIGUSR2');
        await process.kill(pid, 'SIGUSR2');
        await clock.sleep(50);
        log(heard.length);
        log((await process.info(pid)).state);
        await process.kill(pid, 'SIGCONT');
        await clock.sleep(50);
        log(heard.length);
        log((await process.info(pid)).state);
      },
      {
        listens: async ({ process, clock }) => {
          await process.onSignal(['SIGUSR2'], (signal) => heard.push(signal));
          for (;;) await clock.sleep(10);
        },
      },
    );
    expect(lines).toEqual([0, 'stopped', 1, 'running']);
  });

  it('SIGTERM ends a stopped process when it is continued, SIGKILL at once', async () => {
    const lines = await logOf(
      async ({ process, clock }, log) => {
        for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
          const { pid, exited } = await process.spawn(['sleeper']);
          await clock.sleep(5);
          await process.kill(pid, 'SIGSTOP');
          await process.kill(pid, signal);
          const waited = clock.sleep(50).then(() => 'waits');
          log(await Promise.race([waited, exited.then((status) => status.signal)]));
          await process.kill(pid, 'SIGCONT').catch(() => {});
          log((await exited).signal);
        }
      },
      { sleeper },
    );
    expect(lines).toEqual(['waits', 'SIGTERM', 'SIGKILL', 'SIGKILL']);
  });

  it('reach every member of a process group, and only those', async () => {
    const lines = await logOf(
      async ({ process, clock }, log) => {
        const apart = await process.spawn(['leader'], { detached: true });
        const inside = await process.spawn(['sleeper']);
        await clock.sleep(20);
        const groups = await Promise.all((await process.list()).map((pid) => process.info(pid)));
        log(groups.filter(({ pgid }) => pgid === apart.pid).length);
        await process.kill(-apart.pid, 'SIGTERM');
        await clock.sleep(20);
        log((await apart.exited).signal);
        log(await codeOf(process.kill(-apart.pid, 0)));
        log(await codeOf(process.kill(inside.pid, 0)));
      },
      {
        sleeper,
        leader: async ({ process, clock }) => {
          await process.spawn(['sleeper']);
          for (;;) await clock.sleep(10);
        },
      },
    );
    expect(lines).toEqual([2, 'SIGTERM', 'ESRCH', undefined]);
  });

  it('that cannot be handled cannot be', async () => {
    const lines = await logOf(async ({ process }, log) => {
      log(await codeOf(process.onSignal(['SIGKILL'], () => {})));
      log(await codeOf(process.onSignal(['SIGSTOP'], () => {})));
    });
    expect(lines).toEqual(['EINVAL', 'EINVAL']);
  });

  it('need the same user, or the superuser', async () => {
    const lines = await logOf(
      async ({ process }, log) => {
        log(await codeOf(process.kill(1001, 'SIGTERM')));
        log(await codeOf(process.kill(1001, 0)));
        log(await codeOf(process.kill(999, 0)));
      },
      { sleeper },
      { start: [{ program: 'sleeper' }, { program: 'main', uid: 1000 }] },
    );
    expect(lines).toEqual(['EPERM', 'EPERM', 'ESRCH']);
  });

  it('sent exactly do not reach another process with the PID', async () => {
    const lines = await logOf(
      async ({ process }, log) => {
        const { startTicks } = await process.info(1001);
        log(await codeOf(process.killExactly({ pid: 1001, startTicks: startTicks + 1 }, 'SIGTERM')));
        log(await codeOf(process.killExactly({ pid: 1001, startTicks }, 'SIGTERM')));
        log(await codeOf(process.kill(1001, 0)));
      },
      { sleeper },
      { start: [{ program: 'sleeper' }, { program: 'main' }] },
    );
    expect(lines).toEqual(['ESRCH', undefined, 'ESRCH']);
  });
});

describe('the end of a process', () => {
  it('leaves a zombie until it is reaped: kill 0 succeeds, its command is gone', async () => {
    const lines = await logOf(
      async ({ process, clock }, log) => {
        let pid = 0;
        // A child is reaped by waiting, so this one is looked at by another while its parent is stopped.
        const { pid: parent } = await process.spawn(['parent']);
        await clock.sleep(20);
        pid = parent + 1;
        await process.kill(parent, 'SIGSTOP');
        await process.kill(pid, 'SIGKILL');
        log(await codeOf(process.kill(pid, 0)));
        const { state, command } = await process.info(pid);
        log([state, command.length]);
        await process.kill(parent, 'SIGCONT');
        await clock.sleep(20);
        log(await codeOf(process.kill(pid, 0)));
      },
      {
        sleeper,
        parent: async ({ process, clock }) => {
          await process.spawn(['sleeper']);
          for (;;) await clock.sleep(10);
        },
      },
    );
    expect(lines).toEqual([undefined, ['zombie', 0], 'ESRCH']);
  });

  it('gives its parent the code or the signal, once', async () => {
    const lines = await logOf(
      async ({ process }, log) => {
        log(await (await process.spawn(['seven'])).exited);
        log(await (await process.spawn(['nothing'])).exited);
        log(await (await process.spawn(['crashes'])).exited);
        const asked = await process.spawn(['asks', 'three']);
        log(await asked.exited);
        log((await (await process.spawn(['big'])).exited).code);
        log((await (await process.spawn(['negative'])).exited).code);
        log(await codeOf(process.spawn(['unknown'])));
      },
      {
        seven: async () => 7,
        nothing: async () => {},
        // The low byte is all that a parent hears.
        big: async () => 258,
        negative: async () => -1,
        crashes: async () => {
          throw new Error('no');
        },
        asks: async ({ process }, [word]) => {
          await process.exit(word === 'three' ? 3 : 4);
        },
      },
    );
    expect(lines).toEqual([
      { code: 7, signal: null },
      { code: 0, signal: null },
      { code: 1, signal: null },
      { code: 3, signal: null },
      2,
      255,
      'ENOENT',
    ]);
  });

  it('makes orphans of its children: they live on under PID 1', async () => {
    const lines = await logOf(
      async ({ process, clock }, log) => {
        const parent = await process.spawn(['parent']);
        await clock.sleep(20);
        const child = parent.pid + 1;
        log((await process.info(child)).ppid === parent.pid);
        await process.kill(parent.pid, 'SIGKILL');
        await clock.sleep(20);
        log((await process.info(child)).ppid);
        await process.kill(child, 'SIGKILL');
        log(await codeOf(process.info(child)));
      },
      {
        sleeper,
        parent: async ({ process, clock }) => {
          await process.spawn(['sleeper']);
          for (;;) await clock.sleep(10);
        },
      },
    );
    expect(lines).toEqual([true, 1, 'ESRCH']);
  });

  it('frees its PID, which comes again only when the circle has closed', async () => {
    const lines = await logOf(
      async ({ process }, log) => {
        const pids: number[] = [];
        for (let i = 0; i < 8; i++) {
          const { pid, exited } = await process.spawn(['brief']);
          pids.push(pid);
          await exited;
        }
        log(pids);
      },
      { brief: async () => 0 },
      { machine: { firstPid: 398, pidMax: 400 } },
    );
    // 398 is the main program's; after the largest the circle begins at 300.
    expect(lines).toEqual([[399, 400, 300, 301, 302, 303, 304, 305]]);
  });

  it('skips PIDs in use', async () => {
    const lines = await logOf(
      async ({ process }, log) => {
        const pids: number[] = [];
        await process.spawn(['sleeper']);
        for (let i = 0; i < 102; i++) {
          const { pid, exited } = await process.spawn(['brief']);
          pids.push(pid);
          await exited;
        }
        log([new Set(pids).size, pids.includes(400), pids.includes(399)]);
        log(pids.slice(-3));
      },
      { brief: async () => 0, sleeper },
      { machine: { firstPid: 399, pidMax: 400 } },
    );
    // 399 and 400 are in use throughout: PIDs are assigned from 300 to 398.
    expect(lines).toEqual([
      [99, false, false],
      [300, 301, 302],
    ]);
  });
});

describe('the process table', () => {
  it('is full at some time: EAGAIN, whether children are waited for or not', async () => {
    const lines = await logOf(
      async ({ process }, log) => {
        let spawned = 0;
        for (;;) {
          const code = await codeOf(process.spawn(['idler']));
          if (typeof code === 'string') {
            log([code, spawned]);
            return;
          }
          spawned++;
        }
      },
      { idler },
    );
    expect(lines).toEqual([['EAGAIN', 511]]);
  });

  it.each([
    [1, 0],
    [5, 4],
    [700, 699],
  ])('has room for %i processes if the scenario says so, zombies included', async (maxProcesses, most) => {
    const lines = await logOf(
      async ({ process }, log) => {
        let spawned = 0;
        while ((await codeOf(process.spawn(['idler']))) !== 'EAGAIN') spawned++;
        log(spawned);
      },
      { idler },
      { machine: { maxProcesses } },
    );
    expect(lines).toEqual([most]);
  });

  it('is full when the PIDs are used up', async () => {
    const lines = await logOf(
      async ({ process }, log) => {
        for (let spawned = 0; spawned < 200; spawned++) {
          const code = await codeOf(process.spawn(['idler']));
          if (code === 'EAGAIN') return log(spawned);
        }
      },
      { idler },
      { machine: { firstPid: 350, pidMax: 400 } },
    );
    expect(lines).toEqual([99]);
  });
});

describe('clocks', () => {
  it('advance with operations and sleeps, the wall clock in whole milliseconds', async () => {
    const lines = await logOf(
      async ({ clock }, log) => {
        const wall = await clock.wallMs();
        const monotonic = await clock.monotonicMs();
        await clock.sleep(250);
        log((await clock.wallMs()) - wall);
        log(Math.round((await clock.monotonicMs()) - monotonic));
        log(wall);
        log(Number.isInteger(wall));
      },
      {},
      { machine: { wallMs: 1_000_000, uptimeMs: 500, operationUs: 10 } },
    );
    expect(lines).toEqual([250, 250, 1_000_000, true]);
  });

  it('count the start of a process in ticks since boot', async () => {
    const lines = await logOf(
      async ({ process, clock }, log) => {
        log((await process.self()).startTicks);
        await clock.sleep(100);
        const { pid } = await process.spawn(['sleeper']);
        log((await process.info(pid)).startTicks);
      },
      { sleeper },
      { machine: { uptimeMs: 500 } },
    );
    expect(lines).toEqual([50, 60]);
  });

  it.each([
    [0, 1],
    [-5, 1],
    [Number.NaN, 1],
    [0.2, 1],
    [2.5, 3],
  ])('a sleep of %d ms takes %d', async (ms, takes) => {
    const lines = await logOf(
      async ({ clock }, log) => {
        const before = await clock.monotonicMs();
        await clock.sleep(ms);
        log((await clock.monotonicMs()) - before);
      },
      {},
      { machine: { operationUs: 0 } },
    );
    expect(lines).toEqual([takes]);
  });
});
