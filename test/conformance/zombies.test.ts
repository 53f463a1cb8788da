/** A child that has ended and is not waited for: the simulated machine and this one say the same of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { NodeMachine } from '../../src/node/index.ts';
import { call } from '../../src/ports/call.ts';
import {
  type Machine,
  type Operation,
  type ProcessInfo,
  type Program,
  seamOf,
} from '../../src/ports/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const started: ChildProcess[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
});

/** What a machine says of a child; PIDs as their distance from the child's. */
async function said(machine: Machine, process: unknown, pid: number, parent: number): Promise<unknown> {
  const ask = (operation: Operation) =>
    call(machine, process, operation).catch((error: { code: string }) => error.code);
  const info = await ask({ op: 'processInfo', pid });
  if (typeof info !== 'object') return info;
  const { state, command, ppid, pgid, sid } = info as ProcessInfo;
  return {
    ...{ state, command, childOfParent: ppid === parent, ownGroup: pgid === pid, ownSession: sid === pid },
    exists: await ask({ op: 'kill', pid, signal: 0, startTicks: null }),
    group: await ask({ op: 'kill', pid: -pid, signal: 0, startTicks: null }),
    signalled: await ask({ op: 'kill', pid, signal: 'SIGTERM', startTicks: null }),
    listed: ((await ask({ op: 'listProcesses' })) as number[]).includes(pid),
  };
}

/** A parent that starts a child in a session of its own, then becomes a program that never waits. */
const SCRIPT = "setsid sh -c 'echo $$' & exec sleep 1000";

describe.runIf(process.platform === 'linux')('a child that is not waited for', () => {
  it('is the same zombie on both machines', async () => {
    const parent = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['ignore', 'pipe', 'ignore'] });
    started.push(parent);
    const line = await new Promise<string>((resolve) =>
      parent.stdout!.once('data', (data) => resolve(String(data))),
    );
    const pid = Number(line);
    const machine = new NodeMachine();
    while ((await call(machine, null, { op: 'processInfo', pid })).state !== 'zombie') await setImmediate();
    const real = await said(machine, null, pid, parent.pid!);

    let simulated: unknown;
    const programs: Record<string, Program> = {
      parent: async (ports) => {
        const { machine, process } = seamOf(ports);
        await call(machine, process, { op: 'spawn', command: ['child'], detached: true });
        await ports.clock.sleep(1e9);
      },
      child: async () => 0,
      watcher: async (ports) => {
        await ports.clock.sleep(100);
        const { machine, process } = seamOf(ports);
        simulated = await said(machine, process, 1003, 1001);
      },
    };
    await runOnce(scenarioOf(programs, { start: [{ program: 'parent' }, { program: 'watcher' }] }));
    expect(simulated).toEqual(real);
    expect(real).toMatchObject({ state: 'zombie', exists: undefined, group: undefined });
  });
});
