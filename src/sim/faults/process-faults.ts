import type { StateVisitor } from '../base/state-hasher.ts';
import type { Due } from '../base/timer-heap.ts';
import type { SimProcess } from '../records/process.ts';
import { type Fault, pick, pickProcess } from './fault.ts';
import type { FaultTarget } from './fault-target.ts';

/** The end of a stop. */
class Continue implements Due {
  readonly #machine: FaultTarget;
  readonly #process: SimProcess;

  constructor(machine: FaultTarget, process: SimProcess) {
    this.#machine = machine;
    this.#process = process;
  }

  fire(): void {
    if (this.#process.state === 'stopped') this.#machine.signal(null, this.#process, 'SIGCONT', true);
  }

  visit(into: StateVisitor): void {
    into.text('continue');
    into.number(this.#process.index);
  }
}

export const KILL: Fault = {
  name: 'kill',
  about: 'SIGKILL between any two operations of a process',
  halts: true,
  strike(machine) {
    const process = pickProcess(machine, () => true);
    if (process === null) return null;
    machine.signal(null, process, 'SIGKILL', true);
    return { fault: 'kill', process, detail: {} };
  },
};

export const STOP: Fault = {
  name: 'stop',
  about: 'SIGSTOP between any two operations of a process, SIGCONT later or never',
  halts: true,
  // A moment; longer than any heartbeat; longer than any lease; for good.
  defaults: { forMs: [50, 1_500, 20_000, Number.POSITIVE_INFINITY] },
  strike(machine, { forMs }, memory) {
    const process = pickProcess(machine, ({ state }) => state === 'running');
    if (process === null) return null;
    const duration = pick(machine, forMs)!;
    machine.signal(null, process, 'SIGSTOP', true);
    if (Number.isFinite(duration)) {
      memory.set(process.name, process);
      machine.timers.set(machine.clocks.nowUs + duration * 1000, new Continue(machine, process));
    }
    return { fault: 'stop', process, detail: { forMs: Number.isFinite(duration) ? duration : 'ever' } };
  },
  heal(machine, memory) {
    for (const process of machine.scheduler.active) {
      if (process.state === 'stopped' && memory.has(process.name))
        machine.signal(null, process, 'SIGCONT', true);
    }
  },
};

export const PID_REUSE: Fault = {
  name: 'pid-reuse',
  about: 'a foreign process gets the PID of a process that has ended',
  strike(machine) {
    const pid = pick(machine, machine.table.freedPids(machine.clocks.ticks()));
    if (pid === null) return null;
    const process = machine.spawn(['stranger'], { parent: null, foreign: true, inert: true, pid });
    return { fault: 'pid-reuse', process, detail: { pid } };
  },
};

export const PARENT_DEATH: Fault = {
  name: 'parent-death',
  about: 'SIGKILL of a process with children, which become orphans',
  halts: true,
  strike(machine) {
    const process = pickProcess(machine, ({ children }) => children?.some(({ alive }) => alive) ?? false);
    if (process === null) return null;
    machine.signal(null, process, 'SIGKILL', true);
    return { fault: 'parent-death', process, detail: {} };
  },
};
