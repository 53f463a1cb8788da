/** Starts of mcporter on our protocol. */
import { becomeOwner, type Ending, evict, exitCodeOf, guardBind } from '../../../model/index.ts';
import type { Ports, Program, Self } from '../../../ports/index.ts';
import { collectLayers } from '../programs/config-layers.ts';
import { OurDaemon } from './daemon.ts';
import { type OurOptions, temporaryPath } from './options.ts';

/**
 * Becomes the owner and serves; or finds one that is healthy and has our configuration, and leaves; or stops one that has
 * another, and takes its place.
 */
export function ourHost(options: OurOptions): Program {
  return (ports) => exitCodeOf(ports, () => run(ports, options, false));
}

/** The same under a service manager: it does not leave, but waits to take the place of the one it has found. */
export function ourStandby(options: OurOptions): Program {
  return (ports) => exitCodeOf(ports, () => run(ports, options, true));
}

async function run(ports: Ports, options: OurOptions, standsBy: boolean): Promise<Ending> {
  const { directory, timing } = options;
  const self = await ports.process.self();
  let giveUpAtMs = (await ports.clock.monotonicMs()) + timing.patienceMs;
  for (;;) {
    const contest = await becomeOwner(ports, { directory, endpoint: 'unix', timing });
    if (contest.kind === 'blocked') return 'blocked';
    if (contest.kind === 'owner') return new OurDaemon(ports, self, contest.owner, options).run();
    const { endpoint } = contest.claim;
    if (endpoint?.kind === 'unix' && (await isSettled(endpoint.path, ports, self, options))) {
      ports.mark(standsBy ? 'stand-by' : 'leave');
      if (!standsBy) return 'done';
      giveUpAtMs = (await ports.clock.monotonicMs()) + timing.patienceMs;
    }
    if ((await ports.clock.monotonicMs()) > giveUpAtMs) return 'blocked';
    await ports.clock.sleep(options.bind.pollMs);
  }
}

/** Whether the owner may stay: else it has been stopped, or has gone, and we contend again. */
async function isSettled(
  socketPath: string,
  ports: Ports,
  self: Self,
  { directory, metadataPath, configPath, bind, timing }: OurOptions,
): Promise<boolean> {
  const verdict = await guardBind(ports, {
    socketPath,
    recordPath: metadataPath,
    temporaryPath: temporaryPath(directory, self),
    config: () => collectLayers(ports, 'changes', configPath),
    timing: bind,
  });
  if (verdict.kind === 'stuck') {
    const { pid, startTicks } = verdict.live;
    if (startTicks !== null) await evict({ pid, startTicks }, ports, timing);
  }
  return verdict.kind === 'running';
}
