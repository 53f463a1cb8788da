import { type Address, hasCode, isSystemError, type Ports } from '../ports/index.ts';
import { type DaemonStatus, formatStatus, parseStatus, reconcileRecord } from './daemon-record.ts';
import { isGone } from './identity.ts';

/** A daemon reports its {@link DaemonStatus} here, and is asked to stop here. */
export const STATUS_PATH = '/status';
export const STOP_PATH = '/stop';

/** All in milliseconds of the monotonic clock. */
export interface BindTiming {
  /** How long a daemon may take to report its status. */
  probeTimeoutMs: number;
  /** How long a daemon may take to end after it was asked to stop. */
  stopWithinMs: number;
  /** How often to check whether it has ended. */
  pollMs: number;
}

/** The values of mcporter (its pull requests #191 and #195). */
export const DEFAULT_BIND_TIMING: BindTiming = { probeTimeoutMs: 2_000, stopWithinMs: 5_000, pollMs: 100 };

export interface BindGuardOptions {
  /** The path at which the daemon listens. */
  readonly socketPath: string;
  /** The record on disk by which clients find the daemon. */
  readonly recordPath: string;
  /**
   * Returns the configuration that we would run under. Called only after a daemon has answered, so that our configuration is never
   * older than the daemon's: if they differ, the daemon's is stale.
   */
  readonly config: () => string | Promise<string>;
  readonly timing?: Partial<BindTiming>;
  /** A path on the same filesystem, to which a record is written before it is renamed. */
  readonly temporaryPath?: string;
}

/** What the caller may do with a socket; `live` is the daemon that answered there. */
export type BindVerdict =
  /** No daemon serves there, or it has ended: the socket may be bound. */
  | { readonly kind: 'bind' }
  /** A daemon with the current configuration serves, and the record names it: exit. */
  | { readonly kind: 'running'; readonly live: DaemonStatus }
  /** A daemon with a stale configuration was asked to stop but did not end in time. Do not bind. */
  | { readonly kind: 'stuck'; readonly live: DaemonStatus };

/**
 * Decides whether a Unix socket may be bound, so that a start never orphans a working daemon: a healthy daemon is left
 * alone and its record repaired; a daemon with a stale configuration is asked to stop and waited for.
 *
 * It only decides. To exclude others, call it under your own lock or as the owner.
 */
export async function guardBind(ports: Ports, options: BindGuardOptions): Promise<BindVerdict> {
  const timing = { ...DEFAULT_BIND_TIMING, ...options.timing };
  const live = await liveAt(options.socketPath, ports, timing.probeTimeoutMs);
  if (live === null) return { kind: 'bind' };
  if (live.config === (await options.config())) {
    await reconcileRecord(options.recordPath, live, ports, options.temporaryPath);
    return { kind: 'running', live };
  }
  ports.mark('stop-stale', { pid: live.pid });
  return (await stopLive(live, ports, timing)) ? { kind: 'bind' } : { kind: 'stuck', live };
}

/**
 * The daemon that serves at a Unix socket: it answers, names the same path, and its process is alive. A successful connect
 * proves nothing, because a stopped process still listens.
 */
export async function liveAt(
  socketPath: string,
  ports: Pick<Ports, 'probe' | 'process'>,
  timeoutMs: number = DEFAULT_BIND_TIMING.probeTimeoutMs,
): Promise<DaemonStatus | null> {
  const text = await ask(socketPath, STATUS_PATH, '', ports, timeoutMs);
  const status = text === null ? null : parseStatus(text);
  if (status?.socketPath !== socketPath) return null;
  return (await lives(status, ports)) ? status : null;
}

/**
 * Asks exactly this daemon to stop, and waits until its process has ended. (Waiting for its socket to disappear is not enough: a
 * closing server unlinks the socket first and may take long to clean up.)
 *
 * @returns whether it has ended in time
 */
export async function stopLive(
  live: DaemonStatus,
  ports: Pick<Ports, 'probe' | 'process' | 'clock'>,
  timing: BindTiming = DEFAULT_BIND_TIMING,
): Promise<boolean> {
  await ask(live.socketPath, STOP_PATH, formatStatus(live), ports, timing.probeTimeoutMs);
  const untilMs = (await ports.clock.monotonicMs()) + timing.stopWithinMs;
  for (;;) {
    if (!(await lives(live, ports))) return true;
    if ((await ports.clock.monotonicMs()) >= untilMs) return false;
    await ports.clock.sleep(timing.pollMs);
  }
}

/** The body of the answer; `null` if there is no answer with status 200 in time. */
async function ask(
  socketPath: string,
  path: string,
  body: string,
  { probe }: Pick<Ports, 'probe'>,
  timeoutMs: number,
): Promise<string | null> {
  const address: Address = { kind: 'unix', path: socketPath };
  try {
    const answer = await probe.request(address, { path, body }, timeoutMs);
    return answer.status === 200 ? answer.body : null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/** If its start time is unknown, a daemon counts as alive while any process has its PID, even one of another user. */
async function lives({ pid, startTicks }: DaemonStatus, ports: Pick<Ports, 'process'>): Promise<boolean> {
  if (startTicks !== null) return !(await isGone({ pid, startTicks }, ports));
  try {
    await ports.process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
