import { describe, expect, it } from 'vitest';
import type { Ports, Program } from '../../src/ports/index.ts';
import { scenario } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const ADDRESS = { kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 } as const;

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

/** What the marks of a run say, one a line. */
async function said(programs: Record<string, Program>, options = {}, schedule = {}): Promise<string[]> {
  const { events, failure } = await runOnce(scenarioOf(programs, options), schedule);
  expect(failure).toBeNull();
  return events.filter(({ op }) => op === 'mark').map(({ args }) => String(args.name));
}

describe('what a killed process holds', () => {
  const server: Program = async ({ net, clock }) => {
    await net.listen(ADDRESS);
    await clock.sleep(1e6);
  };
  const killer: Program = async (ports) => {
    const { process, clock, probe, net, mark } = ports;
    const { pid, exited } = await process.spawn(['server']);
    await clock.sleep(10);
    await process.kill(pid, 'SIGKILL');
    const look = async (when: string) => {
      const { state } = await process.info(pid).catch(() => ({ state: 'gone' }));
      const asked = probe.request(ADDRESS, { path: '/', body: '' }, 5);
      mark(`${when}: ${state}, ${await codeOf(asked)}, ${await codeOf(listenAndClose(net))}`);
    };
    await look('at once');
    await clock.sleep(60);
    await look('later');
    mark(`${(await exited).signal}`);
  };
  async function listenAndClose(net: Ports['net']): Promise<void> {
    await net.close(await net.listen(ADDRESS));
  }
  const programs = { killer, server };
  const start = [{ program: 'killer' }];

  it('is released with it, unless the machine lets it linger', async () => {
    const atOnce = ['at once: gone, ECONNREFUSED, done', 'later: gone, ECONNREFUSED, done', 'SIGKILL'];
    expect(await said(programs, { start })).toEqual(atOnce);
    expect(await said(programs, { start, machine: { lingerMs: 50 } })).toEqual(atOnce);
  });

  it('lingers by a choice of the schedule: it is seen dead, and its TCP port is still taken', async () => {
    const lingering = await said(programs, { start, machine: { lingerMs: 50 } }, { machine: [1] });
    expect(lingering).toEqual([
      'at once: zombie, ETIMEDOUT, EADDRINUSE',
      'later: gone, ECONNREFUSED, done',
      'SIGKILL',
    ]);
  });

  it('is not waited for beyond its end, and gone after a reboot', async () => {
    const waiter: Program = async ({ process, clock, mark }) => {
      const { pid, exited } = await process.spawn(['server']);
      await process.kill(pid, 'SIGKILL');
      const sinceMs = await clock.monotonicMs();
      await exited;
      mark(`waited ${Math.round((await clock.monotonicMs()) - sinceMs)}`);
    };
    const machine = { lingerMs: 50 };
    expect(
      await said({ waiter, server }, { start: [{ program: 'waiter' }], machine }, { machine: [1] }),
    ).toEqual(['waited 50']);
    const rebooted = scenarioOf(programs, { start, machine, faults: { reboot: 1 } });
    const { run } = await runOnce(rebooted, { machine: [1], fault: [...Array(9).fill(0), 1] });
    expect(run.faults).toBe(1);
    expect(run.machine.table.all().map(({ state, fds }) => [state, fds.size])).toEqual([
      ['gone', 0],
      ['gone', 0],
    ]);
  });
});

describe('the host name', () => {
  const teller: Program = async ({ process, clock, mark }) => {
    for (let i = 0; i < 3; i++) {
      mark((await process.self()).hostname);
      await clock.sleep(1);
    }
  };

  it('is the machine’s, which the scenario may name', async () => {
    expect(await said({ teller })).toEqual(['machine', 'machine', 'machine']);
    expect(await said({ teller }, { machine: { hostname: 'laptop' } })).toEqual([
      'laptop',
      'laptop',
      'laptop',
    ]);
  });

  it('is changed by the fault while processes continue', async () => {
    const faults = { 'host-name': 2 };
    const changed = await said({ teller }, { faults }, { fault: [0, 0, 1, 0, 0, 0, 0, 1] });
    expect(changed).toEqual(['machine', 'machine-2', 'machine-3']);
  });
});

describe('a write that falls short', () => {
  const writer: Program = async ({ fs, mark }) => {
    const fd = await fs.open('/f', 'w');
    for (const text of ['a', 'bcdef', 'ghij']) mark(String(await fs.write(fd, text)));
    mark(await fs.readFile('/f'));
  };
  const faults = { 'short-write': 1 };

  it('writes the first half once and returns its length; one byte is not divided', async () => {
    expect(await said({ writer }, { faults })).toEqual(['1', '5', '4', 'abcdefghij']);
    expect(await said({ writer }, { faults }, { fault: [1] })).toEqual(['1', '2', '4', 'abcghij']);
  });

  it('is gone on with by writeFile, and by the file descriptors of published packages', async () => {
    const careful: Program = async ({ fs, mark }) => {
      await fs.writeFile('/f', 'abcdef');
      mark(await fs.readFile('/f'));
    };
    expect(await said({ careful }, { faults }, { fault: [1] })).toEqual(['abcdef']);
  });
});

describe('a process that cannot be started', () => {
  const starter: Program = async ({ process, clock, mark }) => {
    for (let i = 0; i < 3; i++) {
      mark(await codeOf(process.spawn(['idle'])));
      await clock.sleep(600);
    }
  };
  const programs = { starter, idle: async () => 0 };
  const options = { start: [{ program: 'starter' }], settleMs: 5_000, faultsForMs: 3_000 };

  it('is EAGAIN: once, or for a while, or until the faults are over', async () => {
    const codesIn = (forMs: number, faultsForMs = options.faultsForMs): Promise<string[]> =>
      said(
        programs,
        { ...options, faultsForMs, faults: { 'spawn-fails': { max: 1, forMs: [forMs] } } },
        { fault: [1] },
      );
    expect(await said(programs, { ...options, faults: { 'spawn-fails': 1 } })).toEqual([
      'done',
      'done',
      'done',
    ]);
    expect(await codesIn(0)).toEqual(['EAGAIN', 'done', 'done']);
    expect(await codesIn(1_000)).toEqual(['EAGAIN', 'EAGAIN', 'done']);
    expect(await codesIn(60_000, 100)).toEqual(['EAGAIN', 'done', 'done']);
  });
});

describe('the filesystem', () => {
  it('has the room and the grain of time that the scenario names', async () => {
    const writer: Program = async ({ fs, clock, mark }) => {
      await clock.sleep(1_234);
      const failed = await codeOf(fs.writeFile('/f', 'x'.repeat(20)));
      const { size, mtimeMs } = await fs.stat('/f');
      mark(`${failed} ${size} ${mtimeMs % 1_000}`);
    };
    expect(await said({ writer }, { settleMs: 5_000 })).toEqual(['done 20 234']);
    const machine = { capacityBytes: 16, timeGranularityMs: 1_000 };
    expect(await said({ writer }, { settleMs: 5_000, machine })).toEqual(['ENOSPC 16 0']);
  });
});

describe('options of a machine', () => {
  it.each([
    ['an operation that takes no step', { twoPhase: ['mark'] }],
    ['an operation that is none', { twoPhase: ['flock'] }],
    ['no host name', { hostname: '' }],
    ['negative time', { lingerMs: -1 }],
    ['no process at all', { maxProcesses: 0 }],
  ])('refuse %s', (_, machine) => {
    const options = { id: 'a/b/c', programs: {}, start: [], invariants: [], machine };
    expect(() => scenario(options as never)).toThrow(/machine\./);
  });
});
