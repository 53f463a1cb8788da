import { isSystemError, type Ports, type Program } from '../../ports/index.ts';
import { addressOf, SEARCH, TCP_PORT } from './setup.ts';

/** Between two searches of one client. */
const SEARCH_EVERY_MS = 1_000;
const SEARCH_WITHIN_MS = 5_000;

/** Somebody who searches so often, one after the other. */
export function clientOf(searches: number): Program {
  return async (ports) => {
    for (let i = 0; i < searches; i++) {
      if (i > 0) await ports.clock.sleep(SEARCH_EVERY_MS);
      ports.mark((await search(ports)) ? 'found' : 'not-found');
    }
    return 0;
  };
}

export async function search({ probe }: Pick<Ports, 'probe'>): Promise<boolean> {
  try {
    const request = { path: SEARCH, body: '' };
    return (await probe.request(addressOf(TCP_PORT), request, SEARCH_WITHIN_MS)).status === 200;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** Whoever listens is sent a SIGHUP, as when a terminal closes. */
export const hangUp: Program = async ({ probe, process }) => {
  for (const { pid } of await probe.holders(TCP_PORT)) {
    if (pid !== null) await process.killExactly(await process.info(pid), 'SIGHUP');
  }
  return 0;
};
