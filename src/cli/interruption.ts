import { EXIT } from '../report/index.ts';
import { exitNow } from './exit.ts';

/**
 * Ctrl-C ends the work early. The first time there is a report of what is known so far; the second time there is none.
 *
 * @param work gets a signal that is aborted by the first Ctrl-C
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    if (interruption.signal.aborted) exitNow(EXIT.interrupted);
    interruption.abort();
  };
  process.on('SIGINT', interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt);
  }
}
