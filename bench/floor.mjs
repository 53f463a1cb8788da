import { drain, inMacrotask } from '../build/host/microtasks.js';
import { portsOf } from '../build/ports/index.js';
import { FileSystem } from '../build/sim/vfs/index.js';
import { callerOf, settle } from './perform.mjs';
import { PROCESSES, racer } from './race.mjs';

const RUNS_A_MACROTASK = 500;

/** Without a scheduler: operations are executed in order, and nothing is observed. An upper bound for the speed of any scheduler. */
class QueueMachine {
  steps = 0;
  #fs = new FileSystem({ wallMs: () => 0 });
  #asked = [];

  execute(process, operation, resolve, reject) {
    this.#asked.push({ process, operation, resolve, reject });
  }

  run() {
    for (let next = this.#asked.shift(); next !== undefined; next = this.#asked.shift()) {
      this.steps++;
      settle(this.#fs, next.process, next.operation, next.resolve, next.reject);
      drain();
    }
  }
}

/** @returns {Promise<{ runs: number, steps: number, seconds: number }>} */
export async function raceUnscheduled(runs) {
  let steps = 0;
  const begun = performance.now();
  for (let done = 0; done < runs; done += RUNS_A_MACROTASK) {
    await inMacrotask(() => {
      for (let i = 0; i < RUNS_A_MACROTASK; i++) {
        const machine = new QueueMachine();
        for (let pid = 1; pid <= PROCESSES; pid++) racer(portsOf(machine, callerOf(pid)));
        machine.run();
        steps += machine.steps;
      }
    });
  }
  return { runs, steps, seconds: (performance.now() - begun) / 1000 };
}
