import { describe, expect, it } from 'vitest';
import { inMacrotask } from '../../src/host/index.ts';
import type { Operation } from '../../src/ports/index.ts';
import { Puppets } from './puppets.ts';

const spawn: Operation = { op: 'spawn', command: ['idle'], detached: true };
const info = (pid: number): Operation => ({ op: 'processInfo', pid });
const kill = (pid: number): Operation => ({ op: 'kill', pid, signal: 'SIGKILL', startTicks: null });

/** Microtasks can be drained in a macrotask only. */
const test = (name: string, body: (puppets: Puppets) => void): void => {
  it(name, () => inMacrotask(() => body(new Puppets())));
};

describe('orphans', () => {
  test('become PID 1’s children, which reaps them', (puppets) => {
    const watcher = puppets.start();
    const parent = puppets.start();
    const child = puppets.do(parent, spawn) as number;
    puppets.do(watcher, kill(parent.pid));
    expect(puppets.do(watcher, info(child))).toMatchObject({ ppid: 1, state: 'running' });
    expect(puppets.do(watcher, info(1))).toMatchObject({ pid: 1, uid: 0 });
    puppets.do(watcher, kill(child));
    expect(puppets.do(watcher, info(child))).toBe('ESRCH');
  });

  test('become children of the nearest subreaper; a Node program as such leaves them zombies', (puppets) => {
    const watcher = puppets.start();
    const reaper = puppets.start({ subreaper: true });
    const parent = puppets.start({ parent: reaper });
    const child = puppets.do(parent, spawn) as number;
    puppets.do(watcher, kill(parent.pid));
    expect(puppets.do(watcher, info(child))).toMatchObject({ ppid: reaper.pid });
    puppets.do(watcher, kill(child));
    expect(puppets.do(watcher, info(child))).toMatchObject({ state: 'zombie' });
    expect(puppets.do(reaper, { op: 'wait', pid: child })).toBe('ECHILD');
    puppets.do(watcher, kill(reaper.pid));
    expect(puppets.do(watcher, info(child))).toBe('ESRCH');
  });

  test('of an inert subreaper are reaped', (puppets) => {
    const watcher = puppets.start();
    const reaper = puppets.machine.spawn(['systemd'], { parent: null, inert: true, subreaper: true })!;
    const parent = puppets.start({ parent: reaper });
    const child = puppets.do(parent, spawn) as number;
    puppets.do(watcher, kill(parent.pid));
    puppets.do(watcher, kill(child));
    expect(puppets.do(watcher, info(child))).toBe('ESRCH');
  });
});

describe('PID namespaces', () => {
  test('hide processes, not files', (puppets) => {
    const here = puppets.start();
    const there = puppets.start({ pidNamespace: 'pid:[2]' });
    const child = puppets.do(there, spawn) as number;
    expect(puppets.do(here, info(there.pid))).toBe('ESRCH');
    expect(puppets.do(here, { ...kill(child), signal: 0 } as Operation)).toBe('ESRCH');
    expect(puppets.do(here, kill(-child))).toBe('ESRCH');
    expect(puppets.do(here, { op: 'listProcesses' })).toEqual([here.pid]);
    expect(puppets.do(there, { op: 'listProcesses' })).toEqual([there.pid, child]);
    expect(puppets.do(there, { op: 'self' })).toMatchObject({ pidNamespace: 'pid:[2]', ppid: 1 });
    expect(puppets.do(there, info(child))).toMatchObject({ ppid: there.pid });
    puppets.do(there, { op: 'mkdir', path: '/shared', mode: 0o777 });
    expect(puppets.do(here, { op: 'stat', path: '/shared' })).toMatchObject({ kind: 'directory' });
  });
});

describe('what a child inherits', () => {
  test('is shared: the offset of a file, a listening socket that outlives its maker', (puppets) => {
    const parent = puppets.start();
    const watcher = puppets.start();
    const address = { kind: 'tcp', host: '127.0.0.1', tcpPort: 7000 } as const;
    const file = puppets.do(parent, { op: 'open', path: '/f', flags: 0o102, mode: 0o600 }) as number;
    const socket = puppets.do(parent, { op: 'listen', address, backlog: 1 }) as number;
    const pid = puppets.do(parent, { ...spawn, inherit: [file, socket] } as Operation) as number;
    const child = puppets.machine.table.get(pid)!;
    puppets.do(parent, { op: 'write', fd: file, data: 'ab', position: null });
    puppets.do(child, { op: 'write', fd: 3, data: 'cd', position: null });
    expect(puppets.do(watcher, { op: 'stat', path: '/f' })).toMatchObject({ size: 4 });
    puppets.do(watcher, kill(parent.pid));
    expect(puppets.do(watcher, { op: 'holders', tcpPort: 7000 })).toMatchObject([{ pid }]);
    const connect: Operation = { op: 'connect', address, timeoutMs: 50 };
    // No process accepts: as many as the backlog, and one.
    expect([puppets.do(watcher, connect), puppets.do(watcher, connect)]).toEqual(['done', 'done']);
    expect(puppets.do(watcher, connect)).toBeUndefined();
    expect(puppets.do(child, { op: 'accept', fd: 4 })).toBeUndefined();
    expect(puppets.do(watcher, connect)).toBe('done');
    expect(puppets.do(parent, spawn)).toBeUndefined();
    expect(puppets.do(watcher, { ...spawn, inherit: [99] } as Operation)).toBe('EBADF');
  });

  test('and its title is what the process table says', (puppets) => {
    const one = puppets.start();
    const other = puppets.start();
    puppets.do(one, { op: 'setTitle', title: 'daemon: idle' });
    expect(puppets.do(other, info(one.pid))).toMatchObject({ command: ['daemon: idle'] });
  });
});
