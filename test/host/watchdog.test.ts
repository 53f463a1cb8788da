// What interrupts a program that does not yield.
import { expect, it } from 'vitest';
import { Overrun, withWatchdog } from '../../src/host/watchdog.ts';

it('interrupts work that takes longer', () => {
  expect(() =>
    withWatchdog(20, () => {
      for (;;);
    }),
  ).toThrow(Overrun);
});

// A time-out of 2 ** 31 ms, which a debugger has, is up to eight times as long on a busy machine.
it.each([2 ** 31, 2 ** 34, Number.POSITIVE_INFINITY])('takes a time-out of %d ms', (timeoutMs) => {
  expect(withWatchdog(timeoutMs, () => 'done')).toBe('done');
});
