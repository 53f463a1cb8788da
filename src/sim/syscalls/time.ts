import type { Handlers } from '../kernel/handler.ts';
import { WAITS } from '../kernel/handler.ts';

export const TIME: Handlers<'clock' | 'sleep' | 'random' | 'mark'> = {
  clock: (machine, { process }, { which }) =>
    which === 'wall' ? machine.wallMs() + process.wallOffsetMs : machine.monotonicMs(),
  sleep: (machine, parked, { ms }) => {
    if (parked.timer !== null) return undefined;
    // Node rounds a timer up to at least one millisecond, and takes what is no number for one.
    const wholeMs = ms > 1 ? Math.ceil(ms) : 1;
    parked.timer = machine.timers.set(machine.nowUs + wholeMs * 1000, parked);
    return WAITS;
  },
  random: (machine, { process }, { bytes }) => machine.randomHex(process, bytes),
  mark: () => undefined,
};
