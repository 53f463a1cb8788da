// What `withUnrefTimers` takes from Node, on the real one.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { withUnrefTimers } from '../../src/systems/mcporter/programs/unref-timers.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

/** Under a lock that is to be released, as a start does it. `before`, and then perhaps `after` and `released`, are printed. */
const waiting = (timer: string): string => `
  async function start() {
    try {
      console.log('before');
      await new Promise((resolve) => { const timer = setTimeout(resolve, 10); ${timer} });
      console.log('after');
    } finally {
      console.log('released');
    }
  }
  start();`;

async function printedBy(timer: string): Promise<string[]> {
  // Rejects unless it ends with 0.
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', waiting(timer)]);
  return stdout.trim().split('\n');
}

it('Node ends a process that only waits for an unref’d timer, with 0, and runs no more of it', async () => {
  expect(await printedBy('timer.unref();')).toEqual(['before']);
  expect(await printedBy('')).toEqual(['before', 'after', 'released']);
});

it('so does a program with such timers', async () => {
  const start: Program = async (ports) => {
    const { clock } = withUnrefTimers(ports);
    try {
      ports.mark('before');
      await clock.sleep(10);
      ports.mark('after');
    } finally {
      ports.mark('released');
    }
  };
  const { run, failure } = await runOnce(scenarioOf({ start }));
  expect(failure).toBeNull();
  expect([...run.world.marks.keys()]).toEqual(['before']);
  expect(run.world.processes[0]!.exitCode).toBe(0);
});
