import {
  type BindVerdict,
  type DaemonStatus,
  guardBind,
  liveAt,
  reconcileRecord,
  recordMatches,
  STOP_PATH,
} from '../../model/index.ts';
import { hasCode, isSystemError, type Ports } from '../../ports/index.ts';
import { ADDRESS, type Looks, METADATA, MS, SOCKET } from './setup.ts';

/** Whether the socket may be taken: `bind` it, `leave` it to who serves, or give up because who serves does not stop. */
export type Guard = (ports: Ports, own: DaemonStatus, looks: Looks) => Promise<'bind' | 'leave' | 'stuck'>;

/** As it was: every start takes it. */
export const noGuard: Guard = async () => 'bind';

/** The first attempt: whatever can be connected to is taken for alive. */
export const bareConnect: Guard = async ({ probe }) => {
  try {
    await probe.connect(ADDRESS, MS.probe);
    return 'leave';
  } catch (error) {
    if (isSystemError(error)) return 'bind';
    throw error;
  }
};

/** The second: it must answer, name this socket, and have a live PID. */
export const answeredStatus: Guard = async (ports) =>
  (await liveAt(SOCKET, ports, MS.probe)) === null ? 'bind' : 'leave';

/** #195 as it was proposed: and the metadata must name it, or no client would find it. */
export const matchingMetadata: Guard = async (ports) => {
  const live = await liveAt(SOCKET, ports, MS.probe);
  return live !== null && (await recordMatches(METADATA, live, ports)) ? 'leave' : 'bind';
};

/** With its follow-ups: reconcile when fresh; stop, and wait for its death, when stale. */
export const reconcileOrStop: Guard = async (ports, own, { pollMs }) => {
  const timing = { probeTimeoutMs: MS.probe, stopWithinMs: MS.stop, pollMs };
  const options = { socketPath: SOCKET, recordPath: METADATA, config: () => own.config, timing };
  return OUTCOME[(await guardBind(ports, options)).kind];
};

const OUTCOME = { bind: 'bind', running: 'leave', stuck: 'stuck' } as const satisfies Record<
  BindVerdict['kind'],
  string
>;

/** The follow-ups in their first form: the stale daemon is taken for gone once its socket is. */
export const stopUntilSocketGone: Guard = async (ports, own, { pollMs }) => {
  const live = await liveAt(SOCKET, ports, MS.probe);
  if (live === null) return 'bind';
  if (live.config === own.config) {
    await reconcileRecord(METADATA, live, ports);
    return 'leave';
  }
  ports.mark('stop-stale', { pid: live.pid });
  await requestStop(ports);
  const untilMs = (await ports.clock.wallMs()) + MS.stop;
  while ((await ports.clock.wallMs()) < untilMs) {
    if (!(await exists(ports, SOCKET))) return 'bind';
    await ports.clock.sleep(pollMs);
  }
  return 'stuck';
};

async function requestStop({ probe }: Ports): Promise<void> {
  try {
    await probe.request(ADDRESS, { path: STOP_PATH, body: '' }, MS.probe);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

async function exists({ fs }: Ports, path: string): Promise<boolean> {
  try {
    await fs.access(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** A daemon that stops removes the socket and the metadata, whosever they are. */
export async function removeBoth(ports: Ports): Promise<void> {
  await ports.fs.unlinkIfThere(SOCKET);
  await ports.fs.unlinkIfThere(METADATA);
}

/** In the other order, so that a socket that has vanished would prove that all is cleaned up. */
export async function removeMetadataFirst(ports: Ports): Promise<void> {
  await ports.fs.unlinkIfThere(METADATA);
  await ports.fs.unlinkIfThere(SOCKET);
}

/** As it was released later: only if the metadata still name it. */
export async function removeOwn(ports: Ports, own: DaemonStatus): Promise<void> {
  if (await recordMatches(METADATA, own, ports)) await removeBoth(ports);
}
