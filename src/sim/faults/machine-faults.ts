import { type Fault, pick } from './fault.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

export const SUSPEND: Fault = {
  name: 'suspend',
  about:
    'the machine sleeps: the wall clock and start times go on, the monotonic clock and all processes stand still',
  defaults: { forMs: [30 * SECOND_MS, HOUR_MS] },
  strike(machine, { forMs }) {
    const duration = pick(machine, forMs)!;
    machine.suspend(duration);
    return { fault: 'suspend', process: null, detail: { forMs: duration } };
  },
};

export const CLOCK_JUMP: Fault = {
  name: 'clock-jump',
  about: 'the wall clock jumps, forward or back',
  defaults: { forMs: [HOUR_MS, -HOUR_MS] },
  strike(machine, { forMs }) {
    const byMs = pick(machine, forMs)!;
    machine.wallOffsetMs += byMs;
    return { fault: 'clock-jump', process: null, detail: { byMs } };
  },
};

export const REBOOT: Fault = {
  name: 'reboot',
  about: 'the machine restarts: all processes are gone, boot id and PIDs begin anew, all files are there',
  strike(machine) {
    machine.restart(() => true);
    return { fault: 'reboot', process: null, detail: { bootId: machine.bootId } };
  },
};

export const POWER_CUT: Fault = {
  name: 'power-cut',
  about: 'as reboot; and of what was not synced, each change may be lost',
  strike(machine) {
    machine.restart(() => machine.choices.choose(2, 'target') === 0);
    return { fault: 'power-cut', process: null, detail: { bootId: machine.bootId } };
  },
};

export const HOST_NAME: Fault = {
  name: 'host-name',
  about: 'the machine gets another host name, as in another network; it goes on running',
  strike(machine, _, memory) {
    const count = ((memory.get('count') as number | undefined) ?? 1) + 1;
    memory.set('count', count);
    machine.hostname = `machine-${count}`;
    return { fault: 'host-name', process: null, detail: { hostname: machine.hostname } };
  },
};
