import { drain, inMacrotask } from '../dist/host/microtasks.js';
import { portsOf } from '../dist/ports/index.js';
import { FileSystem } from '../dist/sim/vfs/index.js';
import { callerOf, settle } from './perform.mjs';
import { PROCESSES, racer } from './race.mjs';

const RUNS_A_MACROTASK = 500;

/** No scheduler at all: what is asked first happens first, and nobody looks. What no scheduler can be faster than. */
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
