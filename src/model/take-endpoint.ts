import { type Address, hasCode, type Ports, type ProcessInfo, type Self } from '../ports/index.ts';
import { isCommandOf } from './claim.ts';
import { evict } from './eviction.ts';
import { Watch, whoAnswers } from './health.ts';
import { hasNoCommand, infoOf } from './identity.ts';
import type { Ownership } from './ownership.ts';
import { isLeftBehind } from './reaper.ts';
import { pause, STOPPED } from './stop.ts';
import type { Timing } from './timing.ts';

export const SUPERSEDED = 'another contender has taken over';

/**
 * Listens at the owner's endpoint. Who holds it already is judged: an instance of ours whose claim is lost has its time
 * to notice, and is ended if it does not answer; an orphan is ended; a foreign process is left alone.
 *
 * @returns null, or what is in the way
 */
export async function takeEndpoint(
  owner: Ownership,
  ports: Ports,
  self: Self,
  timing: Timing,
  giveUpAtMs: number,
  signal?: AbortSignal | undefined,
): Promise<string | null> {
  const { endpoint } = owner.claim;
  if (endpoint === null) return null;
  const watch = new Watch({ generation: owner.generation, claim: owner.claim }, timing);
  for (;;) {
    if (signal?.aborted) return STOPPED;
    if (await listens(owner, endpoint, ports)) return null;
    const obstacle = await judgeHolders(owner, endpoint, watch, ports, self, timing);
    if (obstacle !== null) return obstacle;
    if (!(await owner.isCurrent())) return SUPERSEDED;
    if ((await ports.clock.monotonicMs()) > giveUpAtMs)
      return `${describe(endpoint)} is in use and does not become free`;
    await pause(timing.probeEveryMs, ports.clock, signal);
  }
}

async function listens(owner: Ownership, endpoint: Address, { net }: Ports): Promise<boolean> {
  try {
    owner.listener = await net.listen(endpoint);
    return true;
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) return false;
    throw error;
  }
}

async function judgeHolders(
  owner: Ownership,
  endpoint: Address,
  watch: Watch,
  ports: Ports,
  self: Self,
  timing: Timing,
): Promise<string | null> {
  if (endpoint.kind !== 'tcp') return null;
  for (const { pid, uid } of await ports.probe.holders(endpoint.tcpPort)) {
    if (pid === self.pid) continue;
    const info = pid === null ? null : await infoOf(pid, ports);
    // Gone between the two looks.
    if (pid !== null && (info === null || info.state === 'zombie')) continue;
    // One of ours that is ending; or there is no telling: then the port stays in use.
    if (uid === self.uid && (info === null || hasNoCommand(info))) continue;
    if (info === null || info.uid !== self.uid)
      return `${describe(endpoint)} is held by a process of user ${uid}`;
    if (await endsAsOrphan(info, owner.directory, self, ports, timing)) continue;
    if (!isCommandOf(owner.claim, info.command)) {
      return `${describe(endpoint)} is held by PID ${info.pid} (${info.command.join(' ')}), which is not ours`;
    }
    if ((await whoAnswers(endpoint, ports, timing)) !== null) watch.answered();
    else watch.silent(await ports.clock.monotonicMs());
    if (!watch.isOverdue(await ports.clock.monotonicMs())) continue;
    ports.mark('evict', { pid: info.pid, startTicks: info.startTicks });
    if (!(await evict(info, ports, timing)))
      return `${describe(endpoint)} is held by PID ${info.pid}, which cannot be ended`;
  }
  return null;
}

async function endsAsOrphan(
  info: ProcessInfo,
  directory: string,
  self: Self,
  ports: Ports,
  timing: Timing,
): Promise<boolean> {
  if (!(await isLeftBehind(info, directory, self, ports))) return false;
  ports.mark('reaped', { pid: info.pid });
  return evict(info, ports, timing);
}

function describe(endpoint: Address): string {
  return endpoint.kind === 'tcp' ? `TCP port ${endpoint.tcpPort}` : endpoint.path;
}
