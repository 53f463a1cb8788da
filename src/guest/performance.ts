/** `performance`, and `node:perf_hooks`, of a process: times are those of the simulated clock. */
import perfHooks from 'node:perf_hooks';
import type { Caller } from './script.ts';
import { immediateOf } from './script.ts';
import { uses } from './uses.ts';

interface Entry {
  readonly name: string;
  readonly entryType: 'mark' | 'measure';
  readonly startTime: number;
  readonly duration: number;
  readonly detail: unknown;
}

interface Between {
  readonly start?: string | number;
  readonly end?: string | number;
  readonly duration?: number;
  readonly detail?: unknown;
}

/** @param startMs when the process began, on the monotonic clock */
export function performanceFor({ machine, process }: Pick<Caller, 'machine' | 'process'>, startMs: number) {
  const clock = immediateOf(machine);
  const now = (): number => clock.readClock(process, 'monotonic') - startMs;
  let entries: Entry[] = [];
  const add = (entry: Omit<Entry, 'toJSON'>): Entry => {
    const whole = { ...entry, toJSON: () => entry };
    entries.push(whole);
    return whole;
  };
  const timeOf = (at: string | number | undefined, otherwise: () => number): number => {
    if (at === undefined) return otherwise();
    if (typeof at === 'number') return at;
    const mark = entries.findLast(({ name, entryType }) => entryType === 'mark' && name === at);
    if (mark !== undefined) return mark.startTime;
    throw new DOMException(`The "${at}" performance mark has not been set`, 'SyntaxError');
  };
  const clear = (type: Entry['entryType'], name?: string): void => {
    entries = entries.filter((each) => each.entryType !== type || (name !== undefined && each.name !== name));
  };
  const timeOrigin = clock.readClock(process, 'wall');
  return {
    now,
    timeOrigin,
    mark(name: string, { startTime, detail = null }: { startTime?: number; detail?: unknown } = {}): Entry {
      return add({
        ...{ name: String(name), entryType: 'mark', duration: 0, detail },
        startTime: startTime ?? now(),
      });
    },
    measure(name: string, first?: string | Between, last?: string): Entry {
      const how: Between =
        typeof first === 'object' && first !== null
          ? first
          : { ...(first !== undefined && { start: first }), ...(last !== undefined && { end: last }) };
      const startTime = timeOf(how.start, () => 0);
      const duration = how.duration ?? timeOf(how.end, now) - startTime;
      return add({
        name: String(name),
        entryType: 'measure',
        startTime,
        duration,
        detail: how.detail ?? null,
      });
    },
    clearMarks: (name?: string): void => clear('mark', name),
    clearMeasures: (name?: string): void => clear('measure', name),
    getEntries: (): Entry[] => [...entries],
    getEntriesByName: (name: string): Entry[] => entries.filter((each) => each.name === name),
    getEntriesByType: (type: string): Entry[] => entries.filter((each) => each.entryType === type),
    eventLoopUtilization: () => {
      uses('the load of the event loop');
      return { idle: 0, active: 0, utilization: 0 };
    },
    timerify: <T>(of: T): T => of,
    toJSON: () => ({ timeOrigin, eventLoopUtilization: { idle: 0, active: 0, utilization: 0 } }),
  };
}

export function perfHooksModule(performance: unknown): object {
  /** Nothing is ever observed: entries of functions and of the garbage collector are of the real process. */
  class PerformanceObserver {
    static readonly supportedEntryTypes: readonly string[] = ['mark', 'measure'];
    observe(): void {
      uses('PerformanceObserver');
    }
    disconnect(): void {}
    takeRecords(): unknown[] {
      return [];
    }
  }
  return {
    performance,
    constants: perfHooks.constants,
    createHistogram: perfHooks.createHistogram,
    PerformanceObserver,
    monitorEventLoopDelay: () => {
      uses('the load of the event loop');
      const histogram = { min: 0, max: 0, mean: 0, stddev: 0, exceeds: 0, count: 0, percentiles: new Map() };
      const calls = { enable: () => true, disable: () => true, reset: () => {}, percentile: () => 0 };
      return { ...histogram, ...calls };
    },
  };
}
