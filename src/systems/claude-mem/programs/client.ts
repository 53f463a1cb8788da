/** Who uses the worker: clients that search, and the terminal that hangs up. */
import type { Program } from '../../../ports/index.ts';
import { ask } from '../../vocabulary/index.ts';
import { addressOf, SEARCH, TCP_PORT } from '../setup.ts';

/** Between two searches of one client. */
const SEARCH_EVERY_MS = 1_000;
const SEARCH_WITHIN_MS = 5_000;

/** Searches this often, once a second. */
export function clientOf(searches: number): Program {
  return async (ports) => {
    for (let i = 0; i < searches; i++) {
      if (i > 0) await ports.clock.sleep(SEARCH_EVERY_MS);
      const answered = await ask(ports, addressOf(TCP_PORT), SEARCH, SEARCH_WITHIN_MS);
      ports.mark(answered?.status === 200 ? 'found' : 'not-found');
    }
    return 0;
  };
}

/** Sends SIGHUP to the process that listens, as when a terminal closes. */
export const hangUp: Program = async ({ probe, process }) => {
  for (const { pid } of await probe.holders(TCP_PORT)) {
    if (pid !== null) await process.killExactly(await process.info(pid), 'SIGHUP');
  }
  return 0;
};
