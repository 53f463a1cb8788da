import type { Ports } from '../ports/index.ts';

/** The reason for `blocked` if a contender was asked to stop. */
export const STOPPED = 'it was asked to stop';

/** Waits, at most until the signal is aborted. */
export async function pause(
  ms: number,
  clock: Ports['clock'],
  signal: AbortSignal | undefined,
): Promise<void> {
  await unlessAborted(clock.sleep(ms), signal);
}

/** Waits for something, at most until the signal is aborted: then the result is `undefined`. */
export async function unlessAborted<T>(
  awaited: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (signal === undefined) return awaited;
  let stop = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([awaited, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
