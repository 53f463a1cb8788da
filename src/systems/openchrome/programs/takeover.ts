/** Taking over from an owner whose Chrome does not answer any more (#1477). */
import type { Ports } from '../../../ports/index.ts';
import { LIMITS } from '../constants.ts';
import { answersCdp } from './chrome.ts';
import {
  type Acquired,
  acquire,
  isRecord,
  type LockRecord,
  readRecord,
  recordOf,
  remove,
} from './controller-lock.ts';

/** More rounds than takeovers: contenders that rewrite the lock in turn must not keep each other busy for ever. */
const SPARE_ROUNDS = 8;

/**
 * A contender that finds the lock held looks whether its owner's Chrome answers. An owner that is past its grace and silent
 * three times is a half-zombie; its lock is removed if it still is the one that was judged.
 */
export async function acquireHealthAware(
  ports: Ports,
  hostname: string,
  argv: readonly string[] = [],
): Promise<Acquired> {
  let takeovers = 0;
  for (let round = 0; round < LIMITS.maxTakeovers + SPARE_ROUNDS; round++) {
    const acquired = await acquire(ports, await recordOf(ports, hostname, argv));
    if (acquired.kind === 'held') return acquired;
    const { owner } = acquired;
    if (owner.hostname !== hostname) return acquired;
    const heardAt = owner.lastHeartbeatAt || owner.startedAt;
    if ((await ports.clock.wallMs()) - heardAt < LIMITS.graceMs) return acquired;
    if (await answersRepeatedly(owner.port, ports)) return acquired;
    if (takeovers >= LIMITS.maxTakeovers) return acquired;
    if (await removeIfSame(owner, ports)) takeovers++;
  }
  return acquire(ports, await recordOf(ports, hostname, argv));
}

async function answersRepeatedly(port: number, ports: Ports): Promise<boolean> {
  for (let probe = 0; probe < LIMITS.probes; probe++) {
    if (probe > 0) await ports.clock.sleep(LIMITS.probeEveryMs);
    ports.mark('probed');
    if (await answersCdp(port, ports)) return true;
  }
  return false;
}

/** By PID and start. Between the look and the removal there is a gap. */
async function removeIfSame(owner: LockRecord, ports: Ports): Promise<boolean> {
  const found = await readRecord(ports);
  if (!isRecord(found)) return true;
  if (found.pid !== owner.pid || found.startedAt !== owner.startedAt) return false;
  await remove(ports, 'half-zombie');
  ports.mark('evict', { pid: owner.pid });
  return true;
}
