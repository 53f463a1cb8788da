import { type DaemonStatus, Generations, liveAt } from '../../model/index.ts';
import { isSystemError, type Ports, type Program } from '../../ports/index.ts';
import { collectLayers } from './config-layers.ts';
import type { OurOptions } from './our-options.ts';
import { CALL_PATH, MS } from './setup.ts';

/** Whoever has started a host and still finds no daemon after so long starts another: one too many just leaves. */
const START_AGAIN_MS = 3_000;

/** `mcporter list` and its like: finds the daemon by the newest claim, starts one if need be, and asks it. */
export function ourClient(options: OurOptions): Program {
  return (ports) =>
    untilDone(ports, options, async ({ socketPath }) => {
      const address = { kind: 'unix', path: socketPath } as const;
      try {
        const answer = await ports.probe.request(address, { path: CALL_PATH, body: '' }, MS.request);
        return answer.status === 200;
      } catch (error) {
        if (isSystemError(error)) return false;
        throw error;
      }
    });
}

/** `mcporter daemon start`: until a daemon serves. */
export function ourDetached(options: OurOptions): Program {
  return (ports) => untilDone(ports, options, async () => true);
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

/** Null: none that serves under the configuration as it is now. */
async function findDaemon(ports: Ports, options: OurOptions): Promise<DaemonStatus | null> {
  const socketPath = await findSocket(ports, options.directory);
  const live = socketPath === null ? null : await liveAt(socketPath, ports, options.bind.probeTimeoutMs);
  const config = await collectLayers(ports, 'changes', options.configPath);
  return live?.config === config ? live : null;
}

async function findSocket(ports: Ports, directory: string): Promise<string | null> {
  try {
    const { claim } = await new Generations(ports, directory).head();
    return claim?.kind === 'owner' && claim.endpoint?.kind === 'unix' ? claim.endpoint.path : null;
  } catch (error) {
    // No directory yet.
    if (isSystemError(error)) return null;
    throw error;
  }
}
