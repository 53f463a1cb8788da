/** Rules of the simulated machine that few scenarios depend on, each by itself. */
import { describe, expect, it } from 'vitest';
import type { Operation, Program } from '../../src/ports/index.ts';
import { TimerHeap } from '../../src/sim/base/timer-heap.ts';
import { FaultConditions } from '../../src/sim/faults/conditions.ts';
import { ParkedOperation, PlannedNemesis, type SimProcess } from '../../src/sim/index.ts';
import { reachesInit } from '../../src/sim/kernel/signals.ts';
import { Clocks } from '../../src/sim/records/clocks.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';
import { type Puppets, withPuppets } from './puppets.ts';

const ignore = (): void => {};
const parked = (process: SimProcess, operation: Operation) =>
  new ParkedOperation(process, operation, ignore, ignore, 0);
const READ: Operation = { op: 'read', fd: 3, length: 1, position: null };

describe('the default schedule', () => {
  /** Waits for a file without a pause. */
  const polls: Program = async ({ fs, mark }) => {
    while (!(await fs.exists('/go')));
    mark('gone');
  };
  const creates: Program = ({ fs }) => fs.writeFile('/go', '');

  it('takes its turn from a process that polls', async () => {
    const { run, failure } = await runOnce(scenarioOf({ polls, creates }, { maxSteps: 2_000 }));
    expect(failure).toBeNull();
    expect(run.world.marks.get('gone')).toBe(1);
  });

  it('takes it after 200 steps in a row, counted from where a saved machine went on', () =>
    withPuppets(({ machine }, process) => {
      const take = (): void => {
        const operation = parked(process, READ) as ParkedOperation;
        process.runnable.push(operation);
        machine.scheduler.take(operation);
      };
      const other = machine.spawn(['idle'], { parent: null })!;
      for (let i = 0; i < 150; i++) take();
      const restore = machine.scheduler.save();
      for (let i = 0; i < 100; i++) take();
      process.runnable.push(parked(process, READ) as ParkedOperation);
      expect(machine.scheduler.processOf(0)).toBe(other.index);
      restore();
      expect(machine.scheduler.processOf(0)).toBe(process.index);
    }));

  it('counts a context switch when another process goes on, not when the first one begins', async () => {
    const { run } = await runOnce(scenarioOf({ one: async () => {}, other: async () => {} }));
    expect(run.machine.scheduler.switches).toBe(1);
  });
});

describe('timers', () => {
  const fired = (...times: number[]): number[] => {
    const heap = new TimerHeap();
    const order: number[] = [];
    for (const [i, atUs] of times.entries()) heap.set(atUs, { fire: () => order.push(i), visit: ignore });
    heap.fireDue(100);
    return order;
  };

  it('that are due at the same time fire in the order in which they were set', () => {
    expect(fired(5, 5, 3, 5)).toEqual([2, 0, 1, 3]);
  });

  it('are rounded up to whole milliseconds', () =>
    withPuppets(({ machine }, process) => {
      machine.current = process;
      machine.execute(process, { op: 'sleep', ms: 1.2 }, ignore, ignore);
      expect(machine.timers.nextUs - machine.nowUs).toBe(2_000);
    }));
});

describe('the clocks of a machine', () => {
  const changed = (change: (clocks: Clocks) => void, drift = 0): Clocks => {
    const clocks = new Clocks(0, 1_000_000, drift);
    change(clocks);
    return clocks;
  };

  it('say after a reboot that it has been up for a while', () => {
    const clocks = changed((each) => {
      each.nowUs = 5e6;
      each.restart();
    });
    expect([clocks.monotonicMs(), clocks.ticks()]).toEqual([20_000, 2_000]);
  });

  it('go on while it sleeps, but for the monotonic one', () => {
    const clocks = changed((each) => each.suspend(3_000));
    expect([clocks.wallMs(), clocks.ticks(), clocks.monotonicMs()]).toEqual([3_000, 100_300, 1_000_000]);
  });

  it('forget at a reboot how long it has slept', () => {
    const clocks = changed((each) => {
      each.suspend(3_000);
      each.restart();
    });
    expect(clocks.ticks()).toBe(2_000);
  });

  it('may drift apart', () => {
    const clocks = changed((each) => {
      each.nowUs = 1e6;
    }, 0.5);
    expect(clocks.wallMs()).toBe(1_500);
  });

  it('look different to a process with a clock of its own', () =>
    withPuppets(({ machine }, process) => {
      const before = machine.readClock(process, 'wall');
      process.wallOffsetMs = 5_000;
      expect(machine.readClock(process, 'wall') - before).toBe(5_000);
    }));
});

describe('the fault of an operation', () => {
  const failing = (more: { process?: SimProcess; left?: number; untilUs?: number }) => {
    const conditions = new FaultConditions();
    conditions.bring({
      ...{ process: null, code: 'EIO', operations: new Set(['read']), left: 9, untilUs: 100 },
      ...more,
    });
    return conditions;
  };

  it('ends when its time is up', () =>
    withPuppets((_, process) => {
      const conditions = failing({});
      expect(conditions.failureOf(parked(process, READ), 100)).toBe('EIO');
      expect(conditions.failureOf(parked(process, READ), 101)).toBeNull();
    }));

  it('ends after as many operations as it may hit', () =>
    withPuppets((_, process) => {
      const conditions = failing({ left: 1 });
      expect(conditions.failureOf(parked(process, READ), 5)).toBe('EIO');
      expect(conditions.failureOf(parked(process, READ), 5)).toBeNull();
    }));

  it('hits only the process that it is for', () =>
    withPuppets((puppets, process) => {
      const conditions = failing({ process });
      expect(conditions.failureOf(parked(puppets.start(), READ), 5)).toBeNull();
      expect(conditions.failureOf(parked(process, READ), 5)).toBe('EIO');
    }));

  it('of files does not hit a stream', () =>
    withPuppets((puppets, process) => {
      const { readFd, writeFd } = puppets.do(process, { op: 'pipe' }) as Record<'readFd' | 'writeFd', number>;
      const read: Operation = { ...READ, fd: readFd };
      expect(failing({}).failureOf(parked(process, read), 5)).toBeNull();
      const short = new FaultConditions();
      short.shortenWrite(process);
      const write: Operation = { op: 'write', fd: writeFd, data: 'abcd', position: null };
      expect(short.shortened(parked(process, write))).toMatchObject({ data: 'abcd' });
    }));

  it('does not shorten a write of one byte', () =>
    withPuppets((_, process) => {
      const conditions = new FaultConditions();
      conditions.shortenWrite(process);
      const written = (data: string) =>
        conditions.shortened(parked(process, { op: 'write', fd: 3, data, position: null }));
      expect(written('a')).toMatchObject({ data: 'a' });
      expect(written('abcd')).toMatchObject({ data: 'ab' });
    }));
});

describe('a nemesis', () => {
  /** Strikes whenever it can, with its first fault and at the first target. */
  const strikes = (
    { machine }: Puppets,
    plan: ConstructorParameters<typeof PlannedNemesis>[1],
    choice = 1,
  ): PlannedNemesis => {
    Object.defineProperty(machine, 'choices', {
      value: { choose: (_: number, kind: string) => (kind === 'fault' ? choice : 0) },
    });
    return new PlannedNemesis(machine, plan, ignore);
  };

  it('strikes no more often than the plan says', () =>
    withPuppets((puppets) => {
      puppets.start();
      const nemesis = strikes(puppets, { kill: 1, stop: 1 });
      expect([nemesis.strike(), nemesis.strike()]).toEqual([true, false]);
      expect(nemesis.strikesByFault()).toEqual([
        ['kill', 1],
        ['stop', 0],
      ]);
    }));

  it('strikes only processes of the system', () =>
    withPuppets((puppets, process) => {
      Object.defineProperty(process, 'foreign', { value: true });
      expect(strikes(puppets, { kill: 1 }).strike()).toBe(false);
      expect(process.alive).toBe(true);
    }));

  it('stops no process that is stopped already', () =>
    withPuppets((puppets, process) => {
      process.state = 'stopped';
      expect(strikes(puppets, { stop: 1 }).strike()).toBe(false);
    }));

  it('ends in the end the stops that have an end, and only those', () =>
    withPuppets((puppets, process) => {
      const healed = (forMs: number): string => {
        const nemesis = strikes(puppets, { stop: { max: 1, forMs: [forMs] } });
        expect(nemesis.strike()).toBe(true);
        nemesis.heal();
        return process.state;
      };
      expect(healed(1e6)).toBe('running');
      expect(healed(Number.POSITIVE_INFINITY)).toBe('stopped');
    }));

  it('gives back a TCP port in the end', () =>
    withPuppets((puppets) => {
      const nemesis = strikes(puppets, { 'port-grab': { max: 1, tcpPort: 7000 } });
      expect(nemesis.strike()).toBe(true);
      expect(puppets.machine.listeners.all()).toHaveLength(1);
      nemesis.heal();
      expect(puppets.machine.listeners.all()).toEqual([]);
    }));
});

describe('a run', () => {
  it('ends the faults before it settles', async () => {
    const port = { kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 } as const;
    const program: Program = async ({ net, clock, mark }) => {
      await clock.sleep(300);
      await net.listen(port);
      mark('listens');
      await clock.sleep(1e6);
    };
    const scenario = scenarioOf({ program }, { faults: { 'port-grab': { max: 1, tcpPort: 7000 } } });
    const { run, failure } = await runOnce(scenario, { fault: [1] });
    expect(failure).toBeNull();
    expect(run.world.marks.get('listens')).toBe(1);
  });

  it('has no deadlock where a process listens and accepts nothing', async () => {
    const program: Program = async ({ net }) => {
      await net.listen({ kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 });
      await new Promise(ignore);
    };
    expect((await runOnce(scenarioOf({ program }))).failure).toBeNull();
  });

  it('does not go on beyond its end', async () => {
    const program: Program = async ({ clock, mark }) => {
      await clock.sleep(399);
      mark('before');
      await clock.sleep(2);
      mark('after');
    };
    const { run } = await runOnce(scenarioOf({ program }));
    expect([...run.world.marks.keys()]).toEqual(['before']);
  });
});

describe('a stopped process', () => {
  const stop = ({ machine }: Puppets, process: SimProcess) => machine.signal(null, process, 'SIGSTOP', true);
  const goOn = ({ machine }: Puppets, process: SimProcess) => machine.signal(null, process, 'SIGCONT', true);
  const handle = (
    process: SimProcess,
    ...signals: ('SIGINT' | 'SIGTERM' | 'SIGTSTP' | 'SIGCONT')[]
  ): void => {
    for (const signal of signals) process.signalState().actions.set(signal, 'handle');
  };

  it('gets its signals when it goes on, each once, the lowest number first', () =>
    withPuppets((puppets, process) => {
      const { machine } = puppets;
      handle(process, 'SIGINT', 'SIGTERM', 'SIGCONT');
      stop(puppets, process);
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const)
        machine.signal(null, process, signal, true);
      expect(process.signalState().queue).toEqual([]);
      expect(process.signalState().pending).toEqual(['SIGTERM', 'SIGINT']);
      goOn(puppets, process);
      expect(process.signalState().queue).toEqual(['SIGINT', 'SIGTERM', 'SIGCONT']);
    }));

  it('gets no stop signal after a SIGCONT', () =>
    withPuppets((puppets, process) => {
      handle(process, 'SIGTSTP');
      stop(puppets, process);
      puppets.machine.signal(null, process, 'SIGTSTP', true);
      goOn(puppets, process);
      expect(process.signalState().queue).toEqual([]);
    }));
});

describe('PID 1 of a container', () => {
  it('gets from within only the signals that it handles', () =>
    withPuppets((_, process) => {
      expect(reachesInit(process, 'SIGTERM')).toBe(false);
      process.signalState().actions.set('SIGTERM', 'handle');
      expect(reachesInit(process, 'SIGTERM')).toBe(true);
      expect(reachesInit(process, 'SIGCONT')).toBe(true);
    }));
});

describe('a parent', () => {
  it('that handles SIGCHLD gets it when a child stops', () =>
    withPuppets((puppets, parent) => {
      parent.signalState().actions.set('SIGCHLD', 'handle');
      puppets.machine.signal(null, puppets.start({ parent }), 'SIGSTOP', true);
      expect(parent.signalState().queue).toEqual(['SIGCHLD']);
    }));
});

describe('an orphan', () => {
  it('is adopted by a subreaper of its own namespace, not by one outside', () =>
    withPuppets((puppets) => {
      const reaper = puppets.start({ subreaper: true });
      const inside = puppets.start({ parent: reaper, pidNamespace: 'pid:[2]' });
      const child = puppets.start({ parent: inside });
      puppets.machine.end(inside, 0, null);
      expect(child.parent).not.toBe(reaper);
    }));
});

describe('a process of a container', () => {
  it('is not hit by a signal to a group with the same number outside', () =>
    withPuppets((puppets, sender) => {
      const outside = puppets.start({ pid: 2000 });
      const inside = puppets.start({ pid: 2000, pidNamespace: 'pid:[2]' });
      puppets.do(sender, { op: 'kill', pid: -2000, signal: 'SIGKILL', startTicks: null });
      expect([outside.alive, inside.alive]).toEqual([false, true]);
    }));
});

describe('a PID', () => {
  it('is not free within the tick in which its process started', () =>
    withPuppets(({ machine }, process) => {
      machine.end(process, 0, null);
      expect(machine.table.freedPids(process.startTicks)).toEqual([]);
      expect(machine.table.freedPids(process.startTicks + 1)).toEqual([process.pid]);
    }));
});

describe('a listener', () => {
  const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 } as const;

  it('says the PID of its holder only to those who may look', () =>
    withPuppets((puppets, holder) => {
      puppets.do(holder, { op: 'listen', address, backlog: 1 });
      const seenBy = (uid: number) =>
        puppets.do(puppets.start({ uid }), { op: 'holders', tcpPort: 7000 }) as object;
      expect(seenBy(0)).toMatchObject([{ pid: holder.pid }]);
      expect(seenBy(5)).toMatchObject([{ pid: null }]);
    }));

  it('on a Unix socket has a path of at most 107 bytes', () =>
    withPuppets((puppets, process) => {
      const listens = (path: string) =>
        puppets.do(process, { op: 'listen', address: { kind: 'unix', path }, backlog: 1 });
      expect(listens(`/${'a'.repeat(106)}`)).toBeTypeOf('number');
      expect(listens(`/${'b'.repeat(107)}`)).toBe('EINVAL');
    }));

  it('that a child closes keeps the name of its Unix socket', () =>
    withPuppets((puppets, parent) => {
      const fd = puppets.do(parent, {
        ...{ op: 'listen', address: { kind: 'unix', path: '/s' }, backlog: 1 },
      }) as number;
      const pid = puppets.do(parent, { op: 'spawn', command: ['idle'], detached: false, inherit: [fd] });
      const child = puppets.machine.table.get(pid as number)!;
      puppets.do(child, { op: 'close', fd: 3 });
      expect(puppets.do(parent, { op: 'lstat', path: '/s' })).toMatchObject({ kind: 'socket' });
      puppets.do(parent, { op: 'close', fd });
      expect(puppets.do(parent, { op: 'lstat', path: '/s' })).toBe('ENOENT');
    }));

  it('that is closed ends the requests that were accepted', () =>
    withPuppets((puppets, server) => {
      const fd = puppets.do(server, { op: 'listen', address, backlog: 1 }) as number;
      const client = puppets.start();
      let answer: unknown = 'none';
      puppets.machine.current = client;
      puppets.machine.execute(
        client,
        { op: 'request', address, request: { path: '/', body: '' }, timeoutMs: 1e6 },
        ignore,
        (error) => {
          answer = (error as { code?: string }).code;
        },
      );
      puppets.settle();
      expect(puppets.do(server, { op: 'accept', fd })).toMatchObject({ path: '/' });
      puppets.machine.end(server, 0, null);
      puppets.settle();
      expect(answer).toBe('ECONNRESET');
    }));
});

describe('an answer', () => {
  it('to a client that is gone may fail', () =>
    withPuppets((puppets, server) => {
      const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 } as const;
      const fd = puppets.do(server, { op: 'listen', address, backlog: 1 }) as number;
      const client = puppets.start();
      const request = { path: '/', body: '' };
      puppets.do(client, { op: 'request', address, request, timeoutMs: 1e6 });
      const accepted = puppets.do(server, { op: 'accept', fd }) as { request: number };
      puppets.machine.end(client, 0, null);
      Object.defineProperty(puppets.machine, 'choices', { value: { choose: () => 1 } });
      const answer = { status: 200, body: '' };
      expect(puppets.do(server, { op: 'answer', request: accepted.request, answer })).toBe('EPIPE');
    }));
});
