import { readClock } from '../kernel/clock.ts';
import { type Handlers, WAITS } from '../kernel/handler.ts';
import { randomHex } from '../kernel/random.ts';

export const TIME: Handlers<'clock' | 'sleep' | 'random' | 'mark'> = {
  clock: ({ clocks }, { process }, { which }) => readClock(clocks, process, which),
  sleep: ({ clocks, timers }, parked, { ms }) => {
    if (parked.timer !== null) return undefined;
    // Node rounds timers up to whole milliseconds, at least 1, and treats NaN as 1.
    const wholeMs = ms > 1 ? Math.ceil(ms) : 1;
    parked.timer = timers.set(clocks.nowUs + wholeMs * 1000, parked);
    return WAITS;
  },
  random: (_, { process }, { bytes }) => randomHex(process, bytes),
  mark: () => undefined,
};
