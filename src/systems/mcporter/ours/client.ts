/** Clients of mcporter on our protocol. */
import { type DaemonStatus, Generations, liveAt, stopLive } from '../../../model/index.ts';
import type { Ports, Program } from '../../../ports/index.ts';
import { ask, orElse } from '../../vocabulary/index.ts';
import { MS } from '../constants.ts';
import { collectLayers } from '../programs/config-layers.ts';
import { CALL_PATH } from '../setup.ts';
import type { OurOptions } from './options.ts';

/** A client that has started a host and finds no daemon after this long starts another: one too many just leaves. */
const START_AGAIN_MS = 3_000;

/** `mcporter list` and its like: finds the daemon by the newest claim, starts one if need be, and asks it. */
export function ourClient(options: OurOptions): Program {
  return (ports) =>
    untilDone(ports, options, async ({ socketPath }) => {
      const address = { kind: 'unix', path: socketPath } as const;
      return (await ask(ports, address, CALL_PATH, MS.request))?.status === 200;
    });
}

/** `mcporter daemon start`: until a daemon serves. */
export function ourDetached(options: OurOptions): Program {
  return (ports) => untilDone(ports, options, async () => true);
}

/** `mcporter daemon restart`: stops the daemon that serves, waits for its end, and starts one. */
export function ourRestart(options: OurOptions): Program {
  return async (ports) => {
    const live = await findDaemon(ports, options);
    if (live !== null) await stopLive(live, ports, options.bind);
    return untilDone(ports, options, async () => true);
  };
}

/** @param use what to do with a daemon that serves under the current configuration; false: it did not work */
async function untilDone(
  ports: Ports,
  options: OurOptions,
  use: (live: DaemonStatus) => Promise<boolean>,
): Promise<number> {
  const { clock, process } = ports;
  const giveUpAtMs = (await clock.monotonicMs()) + 2 * options.timing.patienceMs;
  let startedMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const live = await findDaemon(ports, options);
    if (live !== null && (await use(live))) {
      ports.mark('served');
      return 0;
    }
    const nowMs = await clock.monotonicMs();
    if (nowMs > giveUpAtMs) {
      ports.mark('stranded');
      return 1;
    }
    if (nowMs - startedMs >= START_AGAIN_MS) {
      startedMs = nowMs;
      await process.spawn(options.hostCommand, { detached: true });
    }
    await clock.sleep(options.bind.pollMs);
  }
}

/** `null` if none serves under the current configuration. */
async function findDaemon(ports: Ports, options: OurOptions): Promise<DaemonStatus | null> {
  // At first there is no directory.
  const head = await orElse(new Generations(ports, options.directory).head(), null);
  const endpoint = head?.claim?.kind === 'owner' ? head.claim.endpoint : null;
  const live =
    endpoint?.kind === 'unix' ? await liveAt(endpoint.path, ports, options.bind.probeTimeoutMs) : null;
  const config = await collectLayers(ports, 'changes', options.configPath);
  return live?.config === config ? live : null;
}
