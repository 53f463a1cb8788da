import { expect, test } from 'vitest';
import { EagerListeners } from '../../src/lockstep/process/eager-listeners.ts';
import type { Incoming, Machine, Operation } from '../../src/ports/index.ts';

/** A machine that only accepts; `arrive` is a request that comes in. */
function accepting() {
  const waiting: ((incoming: Incoming) => void)[] = [];
  const machine = {
    execute: (_: unknown, operation: Operation, resolve: (incoming: Incoming) => void) => {
      expect(operation).toEqual({ op: 'accept', fd: 5 });
      waiting.push(resolve);
    },
  } as unknown as Machine;
  return { machine, arrive: (data: string) => waiting.shift()?.({ data } as unknown as Incoming) };
}

test('requests are taken before the program accepts, and it gets them in their order', () => {
  const { machine, arrive } = accepting();
  let arrivals = 0;
  const listeners = new EagerListeners(machine, () => arrivals++);
  listeners.open(5);
  arrive('first');
  arrive('second');
  expect(arrivals).toBe(2);
  const got: unknown[] = [];
  const taker = { resolve: (incoming: Incoming) => got.push(incoming), reject: () => {} };
  for (let i = 0; i < 3; i++) listeners.accept(5, taker);
  expect(got).toEqual([{ data: 'first' }, { data: 'second' }]);
  arrive('third');
  expect(got).toHaveLength(3);
});
