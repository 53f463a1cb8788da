/** The tool's sweep of session files, and its scan for orphans. */
import { MAX_HOPS, scanForOrphans } from '../../../model/index.ts';
import { hasCode, type Ports } from '../../../ports/index.ts';
import { orElse } from '../../vocabulary/index.ts';
import { isClaude, isServer, log, STATE } from '../setup.ts';

/** How the sweep judges a process that it may not signal. One version said one thing and did the other. */
export type Eperm = 'alive' | 'dead';

const NAME = /^active-session-(-?\d+)$/;

/** At its start, step by step: list, and for each name probe and unlink. @returns how many files were removed */
export async function reapFiles(ports: Ports, eperm: Eperm): Promise<number> {
  let reaped = 0;
  for (const name of await orElse(ports.fs.readdir(STATE), [])) {
    const pid = Number(NAME.exec(name)?.[1] ?? 0);
    if (pid <= 0 || (await isAlive(pid, ports, eperm))) continue;
    // Another sweep may be faster.
    const unlinked = ports.fs.unlink(`${STATE}/${name}`).then(() => 1);
    reaped += await orElse(unlinked, 0);
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

/** Logs every server that has no live Claude among its first parents. */
export async function logOrphans(ports: Ports): Promise<void> {
  const self = await ports.process.self();
  const options = { isServer, isHost: isClaude, maxHops: MAX_HOPS };
  for (const { server, why } of await scanForOrphans(ports, self, options)) {
    await log(ports, `${server.pid} ${why}`);
    ports.mark('suspect', { pid: server.pid });
  }
}
