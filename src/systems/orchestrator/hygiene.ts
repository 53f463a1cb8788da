import { MAX_HOPS, scanForOrphans } from '../../model/index.ts';
import { hasCode, isSystemError, type Ports } from '../../ports/index.ts';
import { isClaude, isServer, log, STATE } from './setup.ts';

/** What the sweep makes of a process that it may not signal. One version said one thing and did the other. */
export type Eperm = 'alive' | 'dead';

const NAME = /^active-session-(-?\d+)$/;

/** The tool's startup sweep, step by step: list, and for each name probe and unlink. @returns how many files went */
export async function reapFiles(ports: Ports, eperm: Eperm): Promise<number> {
  let reaped = 0;
  for (const name of await namesIn(STATE, ports)) {
    const pid = Number(NAME.exec(name)?.[1] ?? 0);
    if (pid <= 0 || (await isAlive(pid, ports, eperm))) continue;
    try {
      await ports.fs.unlink(`${STATE}/${name}`);
      reaped++;
    } catch (error) {
      // Another sweep was faster.
      if (!isSystemError(error)) throw error;
    }
  }
  if (reaped > 0) ports.mark('reaped', { files: reaped });
  return reaped;
}

async function isAlive(pid: number, { process }: Ports, eperm: Eperm): Promise<boolean> {
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM') && eperm === 'alive';
  }
}

async function namesIn(directory: string, { fs }: Ports): Promise<string[]> {
  try {
    return await fs.readdir(directory);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** The tool's scan: logs every server that has no live Claude among its first parents. */
export async function logOrphans(ports: Ports): Promise<void> {
  const self = await ports.process.self();
  const options = { isServer, isHost: isClaude, maxHops: MAX_HOPS };
  for (const { server, why } of await scanForOrphans(ports, self, options)) {
    await log(ports, `${server.pid} ${why}`);
    ports.mark('suspect', { pid: server.pid });
  }
}
