import type { Ports } from '../ports/index.ts';

/** Why a contender that was asked to stop is not the owner. */
export const STOPPED = 'it was asked to stop';

/** Waits; less if the signal is aborted meanwhile. */
export async function pause(
  ms: number,
  clock: Ports['clock'],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal === undefined) return clock.sleep(ms);
  let stop = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([clock.sleep(ms), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
