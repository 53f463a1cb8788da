import { type Address, hasCode, isSystemError, type Ports } from '../../ports/index.ts';
import { HEALTH_CHECK_MS, HEALTH_POLL_MS } from './figures.ts';

export const DIRECTORY = '/home/.claude-mem';
export const PID_FILE = `${DIRECTORY}/worker.pid`;
export const MUTEX = `${DIRECTORY}/worker-37777.lock`;
export const SPAWN_LOCK = `${DIRECTORY}/spawn.lock`;
/** While it is there, chroma-mcp behaves as it says: `hangs`, `fails`, `flaps`, `errs`. */
export const CHROMA_MOOD = '/etc/chroma';

/** The tool's own, and that of a second installation with a data directory of its own. */
export const TCP_PORT = 37_777;
export const OTHER_TCP_PORT = 37_778;

export const HEALTH = '/api/health';
export const SEARCH = '/api/search';
export const SHUTDOWN = '/api/admin/shutdown';

export function addressOf(tcpPort: number): Address {
  return { kind: 'tcp', host: '127.0.0.1', tcpPort };
}

/** The body of a healthy answer; null: none. */
export async function askHealth(
  { probe }: Pick<Ports, 'probe'>,
  tcpPort: number,
  timeoutMs = HEALTH_CHECK_MS,
): Promise<string | null> {
  try {
    const { status, body } = await probe.request(addressOf(tcpPort), { path: HEALTH, body: '' }, timeoutMs);
    return status === 200 ? body : null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/** As the source has it: by the wall clock, a look every half second, the last of which may begin just before the end. */
export async function waitForHealth(ports: Ports, withinMs: number, tcpPort = TCP_PORT): Promise<boolean> {
  const startedMs = await ports.clock.wallMs();
  while ((await ports.clock.wallMs()) - startedMs < withinMs) {
    if ((await askHealth(ports, tcpPort)) !== null) return true;
    await ports.clock.sleep(HEALTH_POLL_MS);
  }
  return false;
}

/** Whether anything listens, be it alive or not. */
export async function isPortInUse({ probe }: Pick<Ports, 'probe'>, tcpPort = TCP_PORT): Promise<boolean> {
  try {
    await probe.connect(addressOf(tcpPort), HEALTH_CHECK_MS);
    return true;
  } catch (error) {
    return hasCode(error, 'ETIMEDOUT');
  }
}
