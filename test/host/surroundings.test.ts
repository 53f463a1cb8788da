// A check in a process where other code has replaced, spied on or frozen what is guarded: before, meanwhile and afterwards.
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { check } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const OPTIONS = { seed: 1, runs: 3, isolation: false } as const;
const CAUGHT = [{ invariant: 'programs use only their ports' }];

const doing = (does: () => unknown) => {
  const program: Program = async ({ clock }) => {
    await clock.sleep(1);
    does();
  };
  return scenarioOf({ program });
};
const violationsOf = async (does: () => unknown) => (await check(doing(does), OPTIONS)).violations;
const SOUND = doing(() => {});

/** Puts a property of the global object back after the test. */
const undo: (() => void)[] = [];
function replaceGlobal(name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)!;
  undo.push(() => Object.defineProperty(globalThis, name, before));
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
afterEach(() => {
  for (const each of undo.splice(0).reverse()) each();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a program is guarded', () => {
  it('although the console is a proxy that shows something else than it holds', async () => {
    const shows = (target: Console, key: string | symbol): unknown => {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (...args: unknown[]) => Reflect.apply(value, target, args) : value;
    };
    replaceGlobal('console', new Proxy(console, { get: shows }));
    expect(await violationsOf(() => Math.random())).toMatchObject(CAUGHT);
  });

  it('although the console is a proxy of the one of Node', async () => {
    const target = createRequire(import.meta.url)('node:console') as Console;
    replaceGlobal('console', new Proxy(target, { get: (_, key) => () => key }));
    expect(await violationsOf(() => Math.random())).toMatchObject(CAUGHT);
  });

  it('although the console is frozen', async () => {
    class Quiet {
      log(): void {}
    }
    replaceGlobal('console', Object.freeze(new Quiet()));
    expect(await violationsOf(() => Math.random())).toMatchObject(CAUGHT);
  });

  it('although there is no crypto.subtle', async () => {
    replaceGlobal('crypto', { randomUUID: () => 'x' });
    expect(await violationsOf(() => Math.random())).toMatchObject(CAUGHT);
  });

  it('in an object that has been replaced since an earlier check', async () => {
    await check(SOUND, OPTIONS);
    const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(Math));
    replaceGlobal('Math', copy);
    expect(await violationsOf(() => Math.random())).toMatchObject(CAUGHT);
  });

  it('although an earlier one has set Date.now', async () => {
    await check(
      doing(() => {
        Date.now = () => 5;
      }),
      OPTIONS,
    );
    expect(await violationsOf(() => Date.now())).toMatchObject(CAUGHT);
    expect(Date.now()).toBeGreaterThan(5);
  });

  it('and advised what to do when it sets the title of the process', async () => {
    const [violation] = await violationsOf(() => {
      process.title = 'mine';
    });
    expect(violation!.message).toContain('process.title');
    expect(violation!.message).toContain('use ports.process.setTitle');
  });
});

describe('classes are the constructors of their objects', () => {
  it.each([
    ['Date', () => new Date(5).constructor === Date && structuredClone(new Date(5)).constructor === Date],
    ['WeakRef', () => new WeakRef({}).constructor === WeakRef],
    ['Intl.NumberFormat', () => new Intl.NumberFormat('en').constructor === Intl.NumberFormat],
  ])('%s', async (_, holds) => {
    const does = (): void => {
      if (!holds()) throw new Error('it is another');
    };
    expect((await check(doing(does), OPTIONS)).verdict).toBe('passed');
    expect(holds()).toBe(true);
  });
});

describe('other code in the process', () => {
  it('that spies in the midst of a check has its functions back', async () => {
    const { random } = Math;
    const RealDate = Date;
    const checking = check(SOUND, { ...OPTIONS, runs: 400 });
    const spy = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    vi.useFakeTimers({ toFake: ['Date'] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(Math.random()).toBe(0.5);
    spy.mockRestore();
    vi.useRealTimers();
    await checking;
    expect(Math.random).toBe(random);
    expect(Date).toBe(RealDate);
  });

  it('may use fake timers, and a check ends', async () => {
    vi.useFakeTimers();
    expect((await check(SOUND, OPTIONS)).verdict).toBe('passed');
  });

  it('that waits for an unhandled rejection once is not called twice', async () => {
    const once = vi.fn();
    const others = process.rawListeners('unhandledRejection') as (() => void)[];
    process.removeAllListeners('unhandledRejection');
    process.once('unhandledRejection', once);
    try {
      await check(SOUND, OPTIONS);
      process.emit('unhandledRejection', new Error('x'), Promise.resolve());
      process.emit('unhandledRejection', new Error('x'), Promise.resolve());
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const other of others) process.on('unhandledRejection', other);
    }
    expect(once).toHaveBeenCalledTimes(1);
  });

  it('that has frozen an object meanwhile finds it as it was, to the eye', async () => {
    const mine = { ...console };
    replaceGlobal('console', mine);
    const freezes = doing(() => void Object.freeze(console));
    expect((await check(freezes, OPTIONS)).error).toBeUndefined();
    expect((await check(SOUND, OPTIONS)).verdict).toBe('passed');
    expect(await violationsOf(() => Math.random())).toMatchObject(CAUGHT);
  });
});
