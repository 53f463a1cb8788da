import { vi } from 'vitest';

/**
 * Runs `work` in real time, even if the test file or its setup uses fake timers, under which a check would never end. Restores
 * the fake timers and their time afterwards.
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
