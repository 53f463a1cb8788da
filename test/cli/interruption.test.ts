/** How signals end the work of a command. The handlers are called without a signal, which would reach the test runner. */
import { expect, test } from 'vitest';
import { interruptible } from '../../src/cli/interruption.ts';

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the work early, and its handler is removed',
  async (name) => {
    const before = process.listeners(name);
    const result = await interruptible(async (signal) => {
      const [added] = process.listeners(name).filter((each) => !before.includes(each));
      expect(signal.aborted).toBe(false);
      added!(name);
      return signal.aborted;
    });
    expect(result).toBe(true);
    expect(process.listeners(name)).toEqual(before);
  },
);

test('a second SIGTERM changes nothing: timeout sends two', async () => {
  const before = process.listeners('SIGTERM');
  const result = await interruptible(async (signal) => {
    const [added] = process.listeners('SIGTERM').filter((each) => !before.includes(each));
    added!('SIGTERM');
    added!('SIGTERM');
    return signal.aborted;
  });
  expect(result).toBe(true);
});
