// To install the guards takes time, the first time most: it is not that of a program.
import { expect, it, onTestFinished } from 'vitest';
import { check } from '../../src/check/index.ts';
import { always } from '../../src/scenario/index.ts';
import { scenarioOf } from '../check/helpers.ts';

it('a program is not said to hang while the guards are installed', async () => {
  const described = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
  onTestFinished(() => {
    Object.defineProperty(globalThis, 'crypto', described);
  });
  const { crypto } = globalThis;
  let looks = 0;
  // Longer than the limit is on a machine where others have the processor, which is at most eight times as long.
  // Another object than before, so that the guards are made again.
  const slow = new Proxy(crypto, {
    get: (target, name) => Reflect.get(target, name, target),
    getPrototypeOf: (target) => {
      looks++;
      const untilMs = performance.now() + 1_000;
      while (performance.now() < untilMs);
      return Reflect.getPrototypeOf(target);
    },
  });
  Object.defineProperty(globalThis, 'crypto', { ...described, get: () => slow });
  const scenario = scenarioOf(
    { idle: async () => 0 },
    { invariants: [always('nothing is demanded', () => null)] },
  );
  const { verdict } = await check(scenario, { seed: 1, runs: 3, isolation: false, hangTimeoutMs: 100 });
  expect([looks > 0, verdict]).toEqual([true, 'passed']);
});
