import fc from 'fast-check';
import { portsOf } from '../build/ports/index.js';
import { FileSystem } from '../build/sim/vfs/index.js';
import { callerOf, settle } from './perform.mjs';
import { PROCESSES, racer } from './race.mjs';

/** Runs the same programs on the same filesystem, with each operation as a task of `fc.scheduler()`. */
class ScheduledMachine {
  steps = 0;
  #scheduler;
  #fs = new FileSystem({ wallMs: () => 0 });

  constructor(scheduler) {
    this.#scheduler = scheduler;
  }

  execute(process, operation, resolve, reject) {
    this.#scheduler.schedule(Promise.resolve(), operation.op).then(() => {
      this.steps++;
      settle(this.#fs, process, operation, resolve, reject);
    });
  }
}

/** @returns {Promise<{ runs: number, steps: number, seconds: number }>} */
export async function raceFastCheck(runs) {
  let steps = 0;
  const begun = performance.now();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const machine = new ScheduledMachine(scheduler);
      const ended = Array.from({ length: PROCESSES }, (_, i) => {
        return racer(portsOf(machine, callerOf(i + 1)));
      });
      await scheduler.waitIdle();
      await Promise.all(ended);
      steps += machine.steps;
    }),
    { numRuns: runs, seed: 1 },
  );
  return { runs, steps, seconds: (performance.now() - begun) / 1000 };
}
