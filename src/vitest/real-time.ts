import { vi } from 'vitest';

/**
 * Does something in real time, also where a file or its set-up has fake timers: under them nothing that we run would ever come
 * to an end. They are faked again afterwards, at the time at which they were.
 */
export async function inRealTime<T>(work: () => Promise<T>): Promise<T> {
  if (!vi.isFakeTimers()) return work();
  const now = vi.getMockedSystemTime();
  vi.useRealTimers();
  try {
    return await work();
  } finally {
    vi.useFakeTimers(now === null ? {} : { now });
  }
}
