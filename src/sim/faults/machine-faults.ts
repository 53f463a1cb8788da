import { type Fault, pick } from './fault.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

export const SUSPEND: Fault = {
  name: 'suspend',
  about:
    'the machine is suspended: the wall clock and start ticks advance, the monotonic clock and all processes stand still',
  defaults: { forMs: [30 * SECOND_MS, HOUR_MS] },
  strike(machine, { forMs }) {
    const duration = pick(machine, forMs)!;
    machine.clocks.suspend(duration);
    return { fault: 'suspend', process: null, detail: { forMs: duration } };
  },
};

export const CLOCK_JUMP: Fault = {
  name: 'clock-jump',
  about: 'the wall clock jumps, forward or back',
  defaults: { forMs: [HOUR_MS, -HOUR_MS] },
  strike(machine, { forMs }) {
    const byMs = pick(machine, forMs)!;
    machine.clocks.wallOffsetMs += byMs;
    return { fault: 'clock-jump', process: null, detail: { byMs } };
  },
};

export const REBOOT: Fault = {
  name: 'reboot',
  about: 'the machine restarts: all processes are gone, boot ID and PIDs are new, all files are kept',
  strike(machine) {
    machine.restart(() => true);
    return { fault: 'reboot', process: null, detail: { bootId: machine.identity.bootId } };
  },
};

export const POWER_CUT: Fault = {
  name: 'power-cut',
  about: 'like reboot, but each change that was not synced may be lost',
  strike(machine) {
    machine.restart(() => machine.choices.choose(2, 'target') === 0);
    return { fault: 'power-cut', process: null, detail: { bootId: machine.identity.bootId } };
  },
};

export const HOST_NAME: Fault = {
  name: 'host-name',
  about: 'the host name of the running machine changes, as in another network',
  strike(machine, _, memory) {
    const count = ((memory.get('count') as number | undefined) ?? 1) + 1;
    memory.set('count', count);
    machine.identity.hostname = `machine-${count}`;
    return { fault: 'host-name', process: null, detail: { hostname: machine.identity.hostname } };
  },
};
