import { EXIT } from '../report/exit-codes.ts';
import { exitNow } from './exit.ts';

/**
 * The first Ctrl-C or SIGTERM ends the work early, with a report of the results so far. Another Ctrl-C ends it without a report.
 * Another SIGTERM changes nothing: `timeout` sends it to the command and to its process group, so it comes twice.
 *
 * @param work receives a signal that the first Ctrl-C or SIGTERM aborts
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    if (interruption.signal.aborted) exitNow(EXIT.interrupted);
    interruption.abort();
  };
  const terminate = (): void => interruption.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
  }
}
