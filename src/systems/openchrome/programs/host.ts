/** An MCP host, such as an editor, and what its user gets to see. */
import type { Child, Ports, Program } from '../../../ports/index.ts';
import { EXIT_RELEASED } from '../constants.ts';
import { HOME } from '../setup.ts';
import { askServer } from './stdio.ts';

/** What an error must say to a person, or a program, that has got it instead of a service. */
const EXPLAINED = ['tcpPort', 'profile', 'ownerPid', 'lockPath', 'remediations'];

/**
 * Starts its server, shakes hands, uses a tool; and starts a fresh server when one has given up with 70. Marks what its user
 * gets to see: `host-served`, `host-told` (an error that explains itself), `host-failed` (the owner itself has no Chrome),
 * or `host-unexplained` (the connection is closed: "-32000").
 */
export const host: Program = async (ports, argv) => {
  const { pid } = await ports.process.self();
  await ports.fs.mkdir(HOME, { recursive: true });
  for (let start = 1; ; start++) {
    const path = `${HOME}/stdio-${pid}-${start}`;
    const child = await ports.process.spawn(['serve', `--stdio=${path}`, ...argv]);
    ports.mark(await use(ports, path, child));
    const { code } = await child.exited;
    if (code !== EXIT_RELEASED) return 0;
    ports.mark('host-respawned');
  }
};

async function use(ports: Ports, path: string, child: Child): Promise<string> {
  const welcome = await askServer(ports, path, child, 'initialize', { protocolVersion: '2025-06-18' });
  if (welcome?.[0]?.result === undefined) return 'host-unexplained';
  const done = await askServer(ports, path, child, 'tools/call', { name: 'navigate' });
  if (done?.[0]?.result !== undefined) return 'host-served';
  return explains(done?.[0]?.error?.data) ? 'host-told' : 'host-failed';
}

function explains(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { remediations } = data as { remediations?: unknown };
  return EXPLAINED.every((field) => field in data) && Array.isArray(remediations) && remediations.length > 0;
}
