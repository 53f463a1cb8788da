import type { Caller } from './script.ts';
import { immediateOf } from './script.ts';
import type { Timers } from './timers.ts';

type Clocked = Pick<Caller, 'machine' | 'process'>;

/**
 * `Date` on the wall clock of the simulated machine. It creates real dates, so that `instanceof` works everywhere, but reads the
 * simulated clock instead of the real one.
 */
export function dateFor({ machine, process }: Clocked): DateConstructor {
  const clock = immediateOf(machine);
  const nowMs = (): number => Math.floor(clock.readClock(process, 'wall'));
  function MachineDate(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return new Date(nowMs()).toString();
    const given = args.length === 0 ? [nowMs()] : args;
    return Reflect.construct(Date, given, new.target === (MachineDate as unknown) ? Date : new.target);
  }
  Object.defineProperty(MachineDate, 'name', { value: 'Date' });
  Object.defineProperty(MachineDate, 'length', { value: 7 });
  return Object.assign(MachineDate as unknown as DateConstructor, {
    prototype: Date.prototype,
    now: nowMs,
    parse: Date.parse,
    UTC: Date.UTC,
  });
}

/** `Math`, with random numbers of the machine. */
export function mathFor({ machine, process }: Clocked): Math {
  const own = Object.create(Math, {
    random: { value: () => randomFraction(machine, process), writable: true },
  });
  return own as Math;
}

/** A random fraction with 52 bits. */
function randomFraction(machine: Caller['machine'], process: Caller['process']): number {
  return Number.parseInt(immediateOf(machine).randomHex(process, 8).slice(0, 13), 16) / 2 ** 52;
}

/** `AbortSignal`, with time-outs of the simulated clock. */
export function abortSignalFor(timers: Pick<Timers, 'setTimeout'>): typeof AbortSignal {
  const timeout = (ms: number): AbortSignal => {
    const controller = new AbortController();
    const abort = (): void =>
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    timers.setTimeout(abort, ms).unref();
    return controller.signal;
  };
  return new Proxy(AbortSignal, {
    get: (target, name) => (name === 'timeout' ? timeout : Reflect.get(target, name)),
  });
}
