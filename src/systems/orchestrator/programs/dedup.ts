/** How a server of the tool ends older servers of its session. */
import { findHost } from '../../../model/index.ts';
import type { Ports, ProcessInfo, Self } from '../../../ports/index.ts';
import { orElse } from '../../vocabulary/index.ts';
import { isClaude, isServer } from '../setup.ts';

/**
 * On Windows, at its start, step by step: a list of all servers; for each, the session above it; and if that is ours, and the server is
 * older, SIGKILL. For the tool the newer one is meant, since the plugin manager has started it last.
 */
export async function endOlderServers(ports: Ports, self: Self, session: ProcessInfo): Promise<void> {
  for (const other of await serversBeside(ports, self)) {
    const above = await findHost(other, ports, { isHost: isClaude });
    if (typeof above === 'string' || above.pid !== session.pid || !isOlder(other, self)) continue;
    ports.mark('ends-older', { pid: other.pid });
    await orElse(ports.process.kill(other.pid, 'SIGKILL'), undefined);
  }
}

async function serversBeside({ process }: Ports, self: Self): Promise<ProcessInfo[]> {
  const found: ProcessInfo[] = [];
  for (const pid of await process.list()) {
    const info = pid === self.pid ? null : await orElse(process.info(pid), null);
    if (info !== null && isServer(info)) found.push(info);
  }
  return found;
}

/** Of two that started in the same tick, the one with the lower PID. */
function isOlder(a: Pick<ProcessInfo, 'pid' | 'startTicks'>, b: Pick<Self, 'pid' | 'startTicks'>): boolean {
  return a.startTicks < b.startTicks || (a.startTicks === b.startTicks && a.pid < b.pid);
}
