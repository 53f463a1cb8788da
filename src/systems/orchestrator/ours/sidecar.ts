/** The sidecar on our protocol: one owns, and any other that was started leaves. */
import { Generations, serveOwner } from '../../../model/index.ts';
import type { Ports, Program } from '../../../ports/index.ts';
import { TIMING } from '../../model/setup.ts';
import { ask, orElse } from '../../vocabulary/index.ts';
import { SIDECAR_MS } from '../constants.ts';
import { PLUGIN } from '../setup.ts';

/** Holds the claims of sidecars. */
export const SIDECARS = `${PLUGIN}/sidecar`;

const EMBED = '/embed';
/** Between two questions of a session. */
const TURN_MS = 1_000;

export const ourSidecar: Program = serveOwner({
  directory: SIDECARS,
  endpoint: 'unix',
  timing: TIMING,
  service: () => ({
    answer: ({ path }) => (path === EMBED ? { status: 200, body: 'ready' } : null),
  }),
});

/**
 * A server, as far as it uses the sidecar: asks for an embedding at each turn, and starts a sidecar if there is no answer. One
 * too many just leaves.
 */
export const embeddingServer: Program = async (ports) => {
  for (;;) {
    if (await embeds(ports)) ports.mark('embeds');
    else await ports.process.spawn(['sidecar'], { detached: true });
    await ports.clock.sleep(TURN_MS);
  }
};

async function embeds(ports: Ports): Promise<boolean> {
  // At first there is no directory.
  const head = await orElse(new Generations(ports, SIDECARS).head(), null);
  const endpoint = head?.claim?.kind === 'owner' ? head.claim.endpoint : null;
  return endpoint !== null && (await ask(ports, endpoint, EMBED, SIDECAR_MS.health))?.status === 200;
}
