import {
  type Address,
  isSystemError,
  type Ports,
  type ProcessInfo,
  type Self,
  type SystemError,
} from '../ports/index.ts';
import { isCommandOf } from './claim.ts';
import { describe } from './endpoints.ts';
import { evict } from './eviction.ts';
import { Watch, whoAnswers } from './health.ts';
import { hasNoCommand, lookAt } from './identity.ts';
import type { Ownership } from './ownership.ts';
import { isLeftBehind } from './reaper.ts';
import { pause, STOPPED } from './stop.ts';
import type { Timing } from './timing.ts';
import { listenAt, removeStalePath } from './unix-path.ts';

export const SUPERSEDED = 'another contender has taken over';

/**
 * Listens at the owner's endpoint. If it is taken: an instance of this daemon whose claim is lost gets time to notice, and is ended
 * if it does not answer; an orphan is ended; a foreign process is left alone. The name of a Unix socket at which nothing listens is replaced.
 *
 * @returns `null` on success, otherwise what is in the way
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
    const failure = await failureToListen(owner, endpoint, ports);
    if (failure === null) return null;
    if (failure.code !== 'EADDRINUSE') return `cannot listen at ${describe(endpoint)}: ${failure.message}`;
    const obstacle = await judgeHolders(owner, endpoint, watch, ports, self, timing);
    if (obstacle !== null) return obstacle;
    if (!(await owner.isCurrent())) return SUPERSEDED;
    if (endpoint.kind === 'unix' && (await removeStalePath(endpoint, ports, timing.probeTimeoutMs))) continue;
    if ((await ports.clock.monotonicMs()) > giveUpAtMs)
      return `${describe(endpoint)} is in use and does not become free`;
    await pause(timing.probeEveryMs, ports.clock, signal);
  }
}

/** @returns `null` on success */
async function failureToListen(
  owner: Ownership,
  endpoint: Address,
  ports: Ports,
): Promise<SystemError | null> {
  try {
    owner.listener = await listenAt(endpoint, owner.sharedPath !== null, ports);
    return null;
  } catch (error) {
    if (isSystemError(error)) return error;
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
    const seen = pid === null ? 'hidden' : await lookAt(pid, ports);
    // It ended between the two calls.
    if (seen === null || (seen !== 'hidden' && seen.state === 'zombie')) continue;
    const info = seen === 'hidden' ? null : seen;
    // A process of our user that is ending, or that we cannot inspect: the port stays in use for now.
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
