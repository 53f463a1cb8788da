// A process that runs is not idle, however little is seen of it; one that waits is.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { Idle } from '../../src/storm/idle.ts';
import type { Tracked } from '../../src/storm/watch.ts';

function started(script: string): Tracked {
  const child = spawn('sh', ['-c', script], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { pid: child.pid! } as Tracked;
}

// Kernels may be built without it.
it.runIf(existsSync('/proc/self/schedstat'))(
  'the time in which a process runs or waits for a processor does not count',
  async () => {
    const [busy, asleep] = [started('while :; do :; done'), started('exec sleep 1000')];
    const idle = new Idle();
    const both = [busy, asleep];
    idle.begin(both, 0);
    // However long it takes here until it has run for so long.
    await expect.poll(() => idle.forMs([busy], 0), { timeout: 20_000, interval: 5 }).toBeLessThan(-50);
    expect(idle.forMs(both, 0)).toBeLessThan(-50);
    idle.begin(both, 1_000);
    expect(idle.forMs([], 3_000)).toBe(2_000);
  },
);
