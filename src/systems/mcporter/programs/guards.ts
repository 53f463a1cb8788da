/** Whether a host may take the socket, and what it removes when it stops: one function for each version. */
import {
  type BindVerdict,
  type DaemonStatus,
  guardBind,
  liveAt,
  reconcileRecord,
  recordMatches,
  STOP_PATH,
} from '../../../model/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { ask, orElse } from '../../vocabulary/index.ts';
import { type Looks, MS } from '../constants.ts';
import { ADDRESS, METADATA, SOCKET } from '../setup.ts';

/** `bind` the socket, `leave` it to the daemon that serves, or give up because that does not stop. */
export type Guard = (ports: Ports, own: DaemonStatus, looks: Looks) => Promise<'bind' | 'leave' | 'stuck'>;

/** As it was: every start takes it. */
export const noGuard: Guard = async () => 'bind';

/** The first attempt: a daemon that can be connected to counts as alive. */
export const bareConnect: Guard = ({ probe }) =>
  orElse(
    probe.connect(ADDRESS, MS.probe).then(() => 'leave' as const),
    'bind',
  );

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

/** The follow-ups in their first form: the stale daemon counts as gone once its socket is. */
export const stopUntilSocketGone: Guard = async (ports, own, { pollMs }) => {
  const live = await liveAt(SOCKET, ports, MS.probe);
  if (live === null) return 'bind';
  if (live.config === own.config) {
    await reconcileRecord(METADATA, live, ports);
    return 'leave';
  }
  ports.mark('stop-stale', { pid: live.pid });
  await ask(ports, ADDRESS, STOP_PATH, MS.probe);
  const untilMs = (await ports.clock.wallMs()) + MS.stop;
  while ((await ports.clock.wallMs()) < untilMs) {
    if ((await orElse(ports.fs.access(SOCKET), 'gone', 'ENOENT')) === 'gone') return 'bind';
    await ports.clock.sleep(pollMs);
  }
  return 'stuck';
};

/** A daemon that stops removes the socket and the metadata, even those of another. */
export async function removeBoth(ports: Ports): Promise<void> {
  await ports.fs.unlinkIfThere(SOCKET);
  await ports.fs.unlinkIfThere(METADATA);
}

/** In the other order, so that a socket that has vanished would prove that everything is cleaned up. */
export async function removeMetadataFirst(ports: Ports): Promise<void> {
  await ports.fs.unlinkIfThere(METADATA);
  await ports.fs.unlinkIfThere(SOCKET);
}

/** As it was released later: only if the metadata still name it. */
export async function removeOwn(ports: Ports, own: DaemonStatus): Promise<void> {
  if (await recordMatches(METADATA, own, ports)) await removeBoth(ports);
}
