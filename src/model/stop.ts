import type { Ports } from '../ports/index.ts';

/** The reason for `blocked` if a contender was asked to stop. */
export const STOPPED = 'it was asked to stop';

/** Waits, at most until the signal is aborted. */
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
