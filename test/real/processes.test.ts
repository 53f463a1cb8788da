import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort, Processes, until } from '../../src/real/index.ts';
import { exists } from '../node/helpers.ts';

/** Far beyond what it takes. */
const WITHIN_MS = 50_000;
const FOR_EVER = 'setInterval(() => {}, 2 ** 30)';
const node = (script: string): string[] => [process.execPath, '-e', script];
/** A parent that starts a child, and prints its PID. */
const family = (child: string, options: string) => `
  const { spawn } = require('node:child_process');
  console.log(spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'ignore', ${options} }).pid);
  ${FOR_EVER}`;

let processes: Processes;
beforeEach(() => {
  processes = new Processes();
});
afterEach(async () => {
  await processes.end();
});

describe('processes', () => {
  it('are known by PID and start time, and say how they ended', async () => {
    const one = await processes.start({
      name: 'one',
      command: node('console.log(process.env.A); process.exit(3)'),
      env: { A: 'b' },
    });
    expect(processes.alive).toEqual([one]);
    expect(processes.isAlive(one)).toBe(true);
    expect(processes.isAlive({ ...one, pid: one.pid, startTicks: one.startTicks - 1 })).toBe(false);
    expect(await one.exited).toMatchObject({ code: 3, signal: null });
    expect(one.output).toBe('b\n');
    expect(processes.alive).toEqual([]);
    expect(one.signal('SIGKILL')).toBe(false);
    expect(await processes.end()).toEqual([]);
  });

  it('that cannot be started throw', async () => {
    await expect(processes.start({ name: 'none', command: ['/no/such'] })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(processes.started).toEqual([]);
  });

  it('are all ended, stopped ones too', async () => {
    const two = [
      await processes.start({ name: 'one', command: node(FOR_EVER) }),
      await processes.start({ name: 'two', command: node(FOR_EVER) }),
    ];
    two[0]?.signal('SIGSTOP');
    const ended = await processes.end();
    expect(ended.map(({ pid }) => pid)).toEqual(two.map(({ pid }) => pid));
    for (const { pid, ending } of two) {
      expect(ending).toMatchObject({ signal: 'SIGKILL' });
      expect(exists(pid)).toBe(false);
    }
  });

  it.each([
    ['in our group', ''],
    ['in a session of their own', 'detached: true'],
  ])('are ended with their children, %s, also those whose parent is gone', async (_, options) => {
    const parent = await processes.start({ name: 'parent', command: node(family(FOR_EVER, options)) });
    expect(await until(() => processes.descendants().length === 1, WITHIN_MS)).toBe(true);
    const [child] = processes.descendants();
    expect(await until(() => parent.output === `${child?.pid}\n`, WITHIN_MS)).toBe(true);
    parent.signal('SIGKILL');
    await parent.exited;
    expect(processes.isAlive(child!)).toBe(true);
    expect(await processes.end()).toEqual([child]);
    expect(processes.isAlive(child!)).toBe(false);
  });

  it('are found in every moment, also while they become another program', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'one-survivor-exec-'));
    try {
      const script = join(directory, 'again.sh');
      writeFileSync(script, '#!/bin/sh\nexec "$0"\n', { mode: 0o700 });
      await processes.start({ name: 'parent', command: ['/bin/sh', '-c', '"$0" & wait', script] });
      expect(await until(() => processes.descendants().length === 1, WITHIN_MS)).toBe(true);
      const [again] = processes.descendants();
      for (let look = 0; look < 300; look++) expect(processes.descendants()).toEqual([again]);
    } finally {
      await processes.end();
      rmSync(directory, { recursive: true });
    }
  });

  it('of another are none of ours', async () => {
    const others = new Processes();
    try {
      const parent = await others.start({ name: 'parent', command: node(family(FOR_EVER, '')) });
      expect(await until(() => others.descendants().length === 1, WITHIN_MS)).toBe(true);
      expect(processes.descendants()).toEqual([]);
      expect(await processes.end()).toEqual([]);
      expect(parent.ending).toBeNull();
      expect(others.descendants()).toHaveLength(1);
    } finally {
      await others.end();
    }
  });

  it('are signalled only if their identity matches', async () => {
    const one = await processes.start({ name: 'one', command: node(FOR_EVER) });
    const { pid, startTicks } = one;
    expect(processes.signal({ pid, startTicks: startTicks + 1 }, 'SIGKILL')).toBe(false);
    expect(processes.isAlive(one)).toBe(true);
    expect(processes.signal({ pid, startTicks }, 'SIGKILL')).toBe(true);
    expect(await one.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('leave no listener on this process', async () => {
    const before = process.listenerCount('SIGTERM');
    await processes.start({ name: 'one', command: node(FOR_EVER) });
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await processes.end();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

it('a free TCP port is a high one, and never given twice', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(new Set(ports).size).toBe(50);
  for (const port of ports) expect(port).toBeGreaterThanOrEqual(49_152);
  for (const port of ports) expect(port).toBeLessThanOrEqual(65_535);
});

it('nor to two processes, even if the first does not listen on it yet', async () => {
  const random = vi.spyOn(Math, 'random');
  try {
    random.mockReturnValueOnce(0.5);
    const mine = await freePort();
    // As another process has it: it knows nothing of what we have been given.
    vi.resetModules();
    const others = await import('../../src/real/free-port.ts');
    expect(others.freePort).not.toBe(freePort);
    random.mockReturnValueOnce(0.5);
    expect(await others.freePort()).not.toBe(mine);
  } finally {
    random.mockRestore();
  }
});
