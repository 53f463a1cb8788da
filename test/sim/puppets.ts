/** A machine whose processes do what a test says. */
import { drain, inMacrotask } from '../../src/host/index.ts';
import { call } from '../../src/ports/call.ts';
import { isSystemError, type Operation, type Program } from '../../src/ports/index.ts';
import { type MachineOptions, SimMachine, type SimProcess } from '../../src/sim/index.ts';
import { SILENT } from './silent.ts';

const idle: Program = ({ clock }) => clock.sleep(1e9);

export class Puppets {
  readonly machine: SimMachine;

  constructor(options: MachineOptions = {}) {
    this.machine = new SimMachine({ choose: () => 0 }, new Map([['idle', idle]]), SILENT, options);
  }

  start(how: Partial<Parameters<SimMachine['spawn']>[1]> = {}): SimProcess {
    const process = this.machine.spawn(['idle'], { parent: null, ...how })!;
    this.settle();
    return process;
  }

  /** What an operation gives, the code of its failure, or undefined while it waits. */
  do(process: SimProcess, operation: Operation): unknown {
    let result: unknown;
    this.machine.current = process;
    call(this.machine, process, operation).then(
      (value) => {
        result = value ?? 'done';
      },
      (error: unknown) => {
        result = isSystemError(error) ? error.code : error;
      },
    );
    this.settle();
    return result;
  }

  settle(): void {
    drain();
    while (this.machine.scheduler.count() > 0) {
      this.machine.step();
      drain();
    }
  }
}

/** Microtasks can be drained in a macrotask only. */
export function withPuppets<T>(
  body: (puppets: Puppets, process: SimProcess) => T,
  options: MachineOptions = {},
): Promise<T> {
  return inMacrotask(() => {
    const puppets = new Puppets(options);
    return body(puppets, puppets.start());
  });
}
