import fs, { readFileSync } from 'node:fs';
import os from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostOf } from '../../src/node/host.ts';
import { NodeMachine } from '../../src/node/index.ts';
import type { Signal } from '../../src/ports/index.ts';
import { Bench, eventually, exists, expectBadArgument, expectCode, firstLine, isAlive } from './helpers.ts';

const IDLE = 'setInterval(() => {}, 1e9); console.log("up")';
const NODE = process.execPath;

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

const stateOf = async (pid: number) => (await bench.ports.process.info(pid)).state;
const never = (): void => expect.unreachable();

describe('identity of processes', () => {
  it('self', async () => {
    const self = await bench.ports.process.self();
    expect(self).toMatchObject({ pid: process.pid, ppid: process.ppid, hostname: os.hostname() });
    expect(self.uid).toBe(process.getuid?.());
    expect(self.bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(self.pidNamespace).toMatch(/^pid:\[\d+\]$/);
    const startedMs = Date.now() - os.uptime() * 1000 + self.startTicks * 10;
    expect(Math.abs(startedMs - performance.timeOrigin)).toBeLessThan(5000);
    expect(await bench.ports.process.info(process.pid)).toMatchObject({
      ppid: self.ppid,
      uid: self.uid,
      startTicks: self.startTicks,
      state: 'running',
    });
  });

  it('a child: parent, group, session, command; then stopped, going on, gone', async () => {
    const child = bench.node(`${IDLE}; 'a b'`);
    await firstLine(child);
    const own = await bench.ports.process.info(process.pid);
    expect(await bench.ports.process.info(child.pid)).toMatchObject({
      pid: child.pid,
      ppid: process.pid,
      pgid: own.pgid,
      sid: own.sid,
      state: 'running',
      command: [NODE, '-e', `${IDLE}; 'a b'`],
    });
    expect(await bench.ports.process.list()).toEqual(expect.arrayContaining([child.pid, process.pid, 1]));
    await bench.ports.process.kill(child.pid, 'SIGSTOP');
    await eventually(async () => (await stateOf(child.pid)) === 'stopped');
    await bench.ports.process.kill(child.pid, 'SIGCONT');
    await eventually(async () => (await stateOf(child.pid)) === 'running');
    await bench.ports.process.kill(child.pid, 'SIGKILL');
    await eventually(() => !exists(child.pid));
    await expectCode(bench.ports.process.info(child.pid), 'ESRCH');
    await expectCode(bench.ports.process.kill(child.pid, 0), 'ESRCH');
    expect(await bench.ports.process.list()).not.toContain(child.pid);
  });

  it('a name with blanks and parentheses', async () => {
    const name = 'a) S 1 (b';
    const child = bench.node(`process.title = ${JSON.stringify(name)}; ${IDLE}`);
    await firstLine(child);
    expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toContain(`(${name})`);
    expect(await bench.ports.process.info(child.pid)).toMatchObject({ pid: child.pid, ppid: process.pid });
  });

  it('a zombie is still a process, without a command; signals have no effect', async () => {
    // A parent that is stopped reaps nothing.
    const script = `const { spawn } = require('node:child_process');
      console.log(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' }).pid);
      setInterval(() => {}, 1e9);`;
    const parent = bench.node(script);
    const zombie = bench.track(Number(await firstLine(parent)));
    await bench.ports.process.kill(parent.pid, 'SIGSTOP');
    await eventually(async () => (await stateOf(parent.pid)) === 'stopped');
    const { startTicks } = await bench.ports.process.info(zombie);
    await bench.ports.process.kill(zombie, 'SIGKILL');
    await eventually(async () => (await stateOf(zombie)) === 'zombie');
    expect(await bench.ports.process.info(zombie)).toMatchObject({
      command: [],
      startTicks,
      ppid: parent.pid,
    });
    await bench.ports.process.kill(zombie, 0);
    await bench.ports.process.killExactly({ pid: zombie, startTicks }, 'SIGKILL');
    await bench.ports.process.kill(parent.pid, 'SIGCONT');
    await eventually(() => !exists(zombie));
  });

  it('a thread is not a process, although Linux can inspect and signal it', async () => {
    const thread =
      fs
        .readdirSync('/proc/self/task')
        .map(Number)
        .find((tid) => tid !== process.pid) ?? Number.NaN;
    expect(fs.existsSync(`/proc/${thread}/stat`)).toBe(true);
    expect(exists(thread)).toBe(true);
    await expectCode(bench.ports.process.info(thread), 'ESRCH');
  });

  it('an impossible PID is ESRCH', async () => {
    for (const pid of [0, -1, 2 ** 22 + 1]) await expectCode(bench.ports.process.info(pid), 'ESRCH');
    await expectBadArgument(bench.ports.process.info(1.5), 'ERR_INVALID_ARG_TYPE');
  });

  it('other operating systems are rejected', () => {
    expect(() => hostOf('win32')).toThrow('real processes got the platform win32; accepted: linux, darwin');
  });
});

describe('children', () => {
  it('spawn, wait: code or signal; the status is given once', async () => {
    const script = 'process.exit(Number(process.argv[1]))';
    const child = await bench.ports.process.spawn([NODE, '-e', script, '7']);
    expect(await child.exited).toEqual({ code: 7, signal: null });
    await expectCode(bench.do({ op: 'wait', pid: child.pid }), 'ECHILD');
    const killed = await bench.ports.process.spawn([NODE, '-e', IDLE]);
    await bench.ports.process.kill(killed.pid);
    expect(await killed.exited).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('the status is kept for a late wait, and only one of two waits gets it', async () => {
    const pid = await bench.do({ op: 'spawn', command: [NODE, '-e', ''], detached: false });
    await eventually(() => !exists(pid)); // reaped, not a zombie
    const outcomes = await Promise.allSettled([bench.do({ op: 'wait', pid }), bench.do({ op: 'wait', pid })]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { code: 0, signal: null } },
      { status: 'rejected', reason: { code: 'ECHILD' } },
    ]);
  });

  it('wait knows only its own children', async () => {
    const other = bench.node(IDLE);
    await expectCode(bench.do({ op: 'wait', pid: other.pid }), 'ECHILD');
  });

  it('a first word may name a program', async () => {
    const programs = {
      daemon: [NODE, '-e', 'process.exit(process.argv.length + Number(process.argv[2]))', 'x'],
    };
    await bench.end();
    bench = new Bench({ programs });
    const { process: port } = bench.ports;
    expect(await (await port.spawn(['daemon', '5'])).exited).toEqual({ code: 8, signal: null });
    await expectCode(port.spawn(['toString']), 'ENOENT');
  });

  it('without a program: ENOENT, EACCES; without a command: a bad argument', async () => {
    await expectCode(bench.ports.process.spawn(['/no/such/program']), 'ENOENT');
    await expectCode(bench.ports.process.spawn([bench.directory]), 'EACCES');
    await expectBadArgument(bench.ports.process.spawn([]), 'ERR_INVALID_ARG_VALUE');
  });

  it('detached: leads a session; a negative PID reaches its whole group', async () => {
    const script = `const { spawn } = require('node:child_process');
      const fs = require('node:fs');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
      fs.writeFileSync(process.argv[1] + '.new', String(child.pid));
      fs.renameSync(process.argv[1] + '.new', process.argv[1]);
      setInterval(() => {}, 1e9);`;
    const child = await bench.ports.process.spawn([NODE, '-e', script, bench.path('pid')], {
      detached: true,
    });
    bench.track(child.pid);
    await eventually(() => fs.existsSync(bench.path('pid')));
    const grandchild = bench.track(Number(readFileSync(bench.path('pid'), 'utf8')));
    const { startTicks, pgid, sid } = await bench.ports.process.info(child.pid);
    expect({ pgid, sid }).toEqual({ pgid: child.pid, sid: child.pid });
    expect(await bench.ports.process.info(grandchild)).toMatchObject({ pgid, sid });
    await expectCode(
      bench.ports.process.killExactly({ pid: -pgid, startTicks: startTicks + 1 }, 'SIGKILL'),
      'ESRCH',
    );
    await bench.ports.process.killExactly({ pid: -pgid, startTicks }, 'SIGKILL');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await eventually(() => !isAlive(grandchild));
  });
});

describe('signals', () => {
  it('kill with another start time does not signal', async () => {
    const child = bench.node(`process.on('SIGUSR2', () => console.log('hit')); ${IDLE}`);
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    await eventually(() => output === 'up\n');
    const { startTicks } = await bench.ports.process.info(child.pid);
    const exactly = (ticks: number) =>
      bench.ports.process.killExactly({ pid: child.pid, startTicks: ticks }, 'SIGUSR2');
    await expectCode(exactly(startTicks + 1), 'ESRCH');
    await expectCode(exactly(startTicks - 1), 'ESRCH');
    await exactly(startTicks);
    await eventually(() => output !== 'up\n');
    expect(output).toBe('up\nhit\n');
  });

  it('never signals all processes', async () => {
    await expectCode(bench.ports.process.kill(-1, 0), 'EPERM');
  });

  it('handled signals are queued and answer sigwait in order; cancelling loses none', async () => {
    const { process: port } = bench.ports;
    await bench.do({ op: 'sigaction', signal: 'SIGUSR2', action: 'handle' });
    await bench.do({ op: 'sigaction', signal: 'SIGHUP', action: 'handle' });
    bench.machine.execute(null, { op: 'sigwait' }, never, never).cancel();
    await port.kill(process.pid, 'SIGUSR2');
    await eventually(async () => {
      // Asked when it is there, withdrawn in the same turn.
      bench.machine.execute(null, { op: 'sigwait' }, never, never).cancel();
      return true;
    });
    expect(await bench.do({ op: 'sigwait' })).toBe('SIGUSR2');
    const next = bench.do({ op: 'sigwait' });
    await port.kill(process.pid, 'SIGHUP');
    expect(await next).toBe('SIGHUP');
    for (const signal of ['SIGUSR2', 'SIGHUP'] as const) {
      await bench.do({ op: 'sigaction', signal, action: 'ignore' });
      await port.kill(process.pid, signal);
    }
    expect(process.listenerCount('SIGUSR2')).toBe(1);
    for (const signal of ['SIGUSR2', 'SIGHUP'] as const) {
      await bench.do({ op: 'sigaction', signal, action: 'default' });
    }
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });

  it('through the port', async () => {
    const heard: Signal[] = [];
    await bench.ports.process.onSignal(['SIGUSR2'], (signal) => heard.push(signal));
    await bench.ports.process.kill(process.pid, 'SIGUSR2');
    await eventually(() => heard.length === 1);
    expect(heard).toEqual(['SIGUSR2']);
    await bench.do({ op: 'sigaction', signal: 'SIGUSR2', action: 'default' });
  });

  it('SIGKILL and SIGSTOP have no handler', async () => {
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      await expectCode(bench.do({ op: 'sigaction', signal, action: 'handle' }), 'EINVAL');
    }
  });
});

describe('clock, random numbers, marks', () => {
  it('both clocks', async () => {
    const nowMs = () => [Number(process.hrtime.bigint()) / 1e6, Date.now()] as const;
    const before = nowMs();
    const told = [await bench.ports.clock.monotonicMs(), await bench.ports.clock.wallMs()] as const;
    const after = nowMs();
    for (const which of [0, 1] as const) {
      expect(told[which]).toBeGreaterThanOrEqual(before[which]);
      expect(told[which]).toBeLessThanOrEqual(after[which]);
    }
  });

  it('sleep never ends early', async () => {
    for (const ms of [0, 1, 2.5, 20]) {
      const before = await bench.ports.clock.monotonicMs();
      await bench.ports.clock.sleep(ms);
      expect(await bench.ports.clock.monotonicMs()).toBeGreaterThanOrEqual(before + ms);
    }
  });

  it('a long sleep is long, and can be withdrawn', async () => {
    for (const ms of [2 ** 31, Number.POSITIVE_INFINITY]) {
      const stop = new AbortController();
      const slept = bench.ports.clock.sleep(ms, stop.signal);
      await bench.ports.clock.sleep(10);
      stop.abort(new Error('enough'));
      await expect(slept).rejects.toThrow('enough');
    }
  });

  it('random', async () => {
    expect(await bench.ports.process.randomHex(16)).toMatch(/^[0-9a-f]{32}$/);
    expect(await bench.ports.process.randomHex(0)).toBe('');
  });

  it('a mark is reported synchronously', async () => {
    const heard: unknown[] = [];
    await bench.end();
    bench = new Bench({ onMark: (name, data) => heard.push([name, data]) });
    bench.ports.mark('own', { pid: 1 });
    expect(heard).toEqual([['own', { pid: 1 }]]);
  });

  it('an error with an unknown code keeps its cause', async () => {
    const machine = new NodeMachine({ programs: { long: ['/bin/true', 'x'.repeat(200_000)] } });
    const error = await new Promise((resolve) => {
      machine.execute(null, { op: 'spawn', command: ['long'], detached: false }, resolve, resolve);
    });
    expect(error).toMatchObject({ code: 'EIO', syscall: 'spawn', cause: { code: 'E2BIG' } });
  });
});
