import { isErrno } from '../base/errno.ts';
import type { SimProcess } from '../records/process.ts';
import { listen } from '../syscalls/listeners.ts';
import { type Fault, pick } from './fault.ts';
import type { FaultTarget } from './fault-target.ts';

export const SLOW_PROBE: Fault = {
  name: 'slow-probe',
  about: 'the next requests are delayed',
  defaults: { forMs: [100, 900] },
  strike(machine, { forMs }) {
    const byMs = pick(machine, forMs)!;
    machine.faultConditions().delayRequests({ byMs, left: 1 });
    return { fault: 'slow-probe', process: null, detail: { byMs } };
  },
  heal: (machine) => machine.conditions?.clear(),
};

export const LOST_PROBE: Fault = {
  name: 'lost-probe',
  about: 'the next request is lost',
  strike(machine) {
    machine.faultConditions().delayRequests({ byMs: Number.POSITIVE_INFINITY, left: 1 });
    return { fault: 'lost-probe', process: null, detail: {} };
  },
  heal: (machine) => machine.conditions?.clear(),
};

function oneOfEachNetwork({ scheduler }: FaultTarget): SimProcess[] {
  const first = new Map<string, SimProcess>();
  for (const process of scheduler.active) {
    if (!process.foreign && !first.has(process.network)) first.set(process.network, process);
  }
  return [...first.values()];
}

export const PORT_GRAB: Fault = {
  name: 'port-grab',
  about: 'a foreign process listens on the TCP port tcpPort, if it is free, until the faults stop',
  strike(machine, { tcpPort }, memory) {
    // In the network of a process of the system; in another network it would have no effect.
    const inside = pick(machine, oneOfEachNetwork(machine));
    const where = inside === null ? {} : { pidNamespace: inside.pidNamespace, network: inside.network };
    const process = machine.spawn(['squatter'], { parent: null, foreign: true, inert: true, ...where });
    if (process === null) return null;
    if (
      isErrno(listen(machine, process, { address: { kind: 'tcp', host: '127.0.0.1', tcpPort }, backlog: 0 }))
    ) {
      machine.end(process, 0, null);
      return null;
    }
    memory.set('squatter', process);
    return { fault: 'port-grab', process, detail: { tcpPort } };
  },
  heal(machine, memory) {
    const squatter = memory.get('squatter');
    const process = machine.table.all().find((candidate) => candidate === squatter);
    if (process !== undefined) machine.end(process, 0, null);
  },
};
