import { isErrno } from '../errno.ts';
import { KERNEL } from '../fs/caller.ts';
import { type Fault, type FaultName, pick, pickProcess } from './fault.ts';

const KILL: Fault = {
  name: 'kill',
  about: 'SIGKILL between any two operations of a process',
  strike(machine) {
    const process = pickProcess(machine, () => true);
    if (process === null) return null;
    machine.signal(null, process, 'SIGKILL', true);
    return { fault: 'kill', process, detail: {} };
  },
};

const STOP: Fault = {
  name: 'stop',
  about: 'SIGSTOP between any two operations of a process, SIGCONT later or never',
  strike(machine, { forMs }) {
    const process = pickProcess(machine, ({ state }) => state === 'running');
    if (process === null) return null;
    const duration = pick(machine, forMs)!;
    machine.signal(null, process, 'SIGSTOP', true);
    if (Number.isFinite(duration)) {
      machine.timers.set(machine.nowUs + duration * 1000, () => {
        if (process.state === 'stopped') machine.signal(null, process, 'SIGCONT', true);
      });
    }
    return { fault: 'stop', process, detail: { forMs: Number.isFinite(duration) ? duration : 'ever' } };
  },
};

const PID_REUSE: Fault = {
  name: 'pid-reuse',
  about: 'a foreign process is given the PID of one that has ended',
  strike(machine) {
    const pid = pick(machine, machine.table.freedPids(machine.ticks()));
    if (pid === null) return null;
    const process = machine.spawn(['stranger'], { parent: null, foreign: true, inert: true, pid });
    return { fault: 'pid-reuse', process, detail: { pid } };
  },
};

const LOSE_STATE: Fault = {
  name: 'lose-state',
  about: 'a file vanishes',
  strike(machine, { under }) {
    const path = pick(machine, machine.fs.filesUnder(under));
    if (path === null) return null;
    machine.fs.lose(path);
    return { fault: 'lose-state', process: null, detail: { path } };
  },
};

const TEAR_STATE: Fault = {
  name: 'tear-state',
  about: 'a file loses its second half, or all of its content',
  strike(machine, { under }) {
    const path = pick(machine, machine.fs.filesUnder(under));
    if (path === null) return null;
    const stat = machine.fs.stat(KERNEL, path);
    const size = isErrno(stat) ? 0 : stat.size;
    const length = pick(machine, [Math.floor(size / 2), 0])!;
    machine.fs.truncateTo(path, length);
    return { fault: 'tear-state', process: null, detail: { path, length } };
  },
};

export const FAULTS: { readonly [N in FaultName]: Fault } = {
  kill: KILL,
  stop: STOP,
  'pid-reuse': PID_REUSE,
  'lose-state': LOSE_STATE,
  'tear-state': TEAR_STATE,
};
