import { type Address, hasCode, isSystemError, type Ports } from '../ports/index.ts';
import { type DaemonStatus, formatStatus, parseStatus, reconcileRecord } from './daemon-record.ts';
import { isGone } from './identity.ts';

/** Where a daemon says what it is, see {@link DaemonStatus}; and where it is asked to stop. */
export const STATUS_PATH = '/status';
export const STOP_PATH = '/stop';

/** All in milliseconds of the monotonic clock. */
export interface BindTiming {
  /** How long a daemon may take to say what it is. */
  probeTimeoutMs: number;
  /** How long a daemon that was asked to stop may take to end. */
  stopWithinMs: number;
  /** Between two looks at whether it has ended. */
  pollMs: number;
}

/** As mcporter has them (its pull requests #191 and #195). */
export const DEFAULT_BIND_TIMING: BindTiming = { probeTimeoutMs: 2_000, stopWithinMs: 5_000, pollMs: 100 };

export interface BindGuardOptions {
  /** Where a daemon would be found. */
  readonly socketPath: string;
  /** Its record on disk, by which clients find it. */
  readonly recordPath: string;
  /**
   * The configuration that we would run under. Asked for only once a daemon has answered: so what we compare with is never
   * older than what it has, and "differs" means that it is the stale one.
   */
  readonly config: () => string | Promise<string>;
  readonly timing?: Partial<BindTiming>;
  /** Where a record is written before it gets its name; on the same filesystem. */
  readonly temporaryPath?: string;
}

/** What may be done about a socket; `live` is who answered there. */
export type BindVerdict =
  /** Nobody serves there, or who did has ended: it may be bound. */
  | { readonly kind: 'bind' }
  /** A daemon with the current configuration serves, and the record says so: leave. */
  | { readonly kind: 'running'; readonly live: DaemonStatus }
  /** A daemon with a stale configuration was asked to stop and has not ended in time. Do not bind. */
  | { readonly kind: 'stuck'; readonly live: DaemonStatus };

/**
 * Decides whether a Unix socket may be bound, so that a start never orphans a daemon that works: a healthy one is left
 * alone and its record mended, a stale one is asked to stop and waited for.
 *
 * It decides and does not exclude: call it under a lock of your own, or as the owner.
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
 * Who serves at a Unix socket: it answers, names this very path, and its process lives. That it can be connected to
 * proves nothing: a stopped process still listens.
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
 * Asks a daemon to stop, naming it, and waits until its process has ended. (Not until its socket is gone: a server that
 * closes unlinks that first, and may clean up for long after.)
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

/** The answer's text; null: no answer of status 200 in time. */
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

/** Whose start is not known lives as long as anybody bears its PID, be it another user. */
async function lives({ pid, startTicks }: DaemonStatus, ports: Pick<Ports, 'process'>): Promise<boolean> {
  if (startTicks !== null) return !(await isGone({ pid, startTicks }, ports));
  try {
    await ports.process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
