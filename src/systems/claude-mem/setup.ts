/** Paths and endpoints of claude-mem's worker, and the questions that its launchers ask there. */
import type { Address, Ports } from '../../ports/index.ts';
import { hasCode } from '../../ports/index.ts';
import { ask } from '../vocabulary/index.ts';
import { HEALTH_CHECK_MS, HEALTH_POLL_MS } from './constants.ts';

export const DIRECTORY = '/home/.claude-mem';
export const PID_FILE = `${DIRECTORY}/worker.pid`;
export const MUTEX = `${DIRECTORY}/worker-37777.lock`;
/** Since the supervisor: what a worker has started. */
export const REGISTRY = `${DIRECTORY}/supervisor.json`;
export const SPAWN_LOCK = `${DIRECTORY}/spawn.lock`;
/** While it is there, chroma-mcp behaves as it says: `hangs`, `fails`, `flaps`, `errs`. */
export const CHROMA_MOOD = '/etc/chroma';

/** The tool's own, and that of a second installation with a data directory of its own. */
export const TCP_PORT = 37_777;
export const OTHER_TCP_PORT = 37_778;
/** That of the database, as of v10.0.7. */
export const CHROMA_TCP_PORT = 8_000;

export const HEALTH = '/api/health';
export const SEARCH = '/api/search';
/** What a hook asks for as a session begins. */
export const CONTEXT = '/api/context';
export const SHUTDOWN = '/api/admin/shutdown';

export function addressOf(tcpPort: number): Address {
  return { kind: 'tcp', host: '127.0.0.1', tcpPort };
}

/** The body of a healthy answer; null if there is none. */
export async function askHealth(
  ports: Pick<Ports, 'probe'>,
  tcpPort: number,
  timeoutMs = HEALTH_CHECK_MS,
): Promise<string | null> {
  const answered = await ask(ports, addressOf(tcpPort), HEALTH, timeoutMs);
  return answered?.status === 200 ? answered.body : null;
}

/** As the source has it: by the wall clock, every half second. The last look may begin just before the end. */
export async function waitForHealth(
  ports: Ports,
  withinMs: number,
  { healthy = true, healthCheckMs = HEALTH_CHECK_MS } = {},
): Promise<boolean> {
  const startedMs = await ports.clock.wallMs();
  while ((await ports.clock.wallMs()) - startedMs < withinMs) {
    if (((await askHealth(ports, TCP_PORT, healthCheckMs)) !== null) === healthy) return true;
    await ports.clock.sleep(HEALTH_POLL_MS);
  }
  return false;
}

/** Whether a process listens, alive or not. */
export async function isPortInUse(
  { probe }: Pick<Ports, 'probe'>,
  healthCheckMs = HEALTH_CHECK_MS,
): Promise<boolean> {
  try {
    await probe.connect(addressOf(TCP_PORT), healthCheckMs);
    return true;
  } catch (error) {
    return hasCode(error, 'ETIMEDOUT');
  }
}
