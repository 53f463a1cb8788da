/** The tool's sweep of session files, and its scan for orphans. */
import { MAX_HOPS, scanForOrphans } from '../../../model/index.ts';
import { hasCode, type Ports } from '../../../ports/index.ts';
import { orElse, signal } from '../../vocabulary/index.ts';
import { isClaude, isServer, log, STATE, suspectLine } from '../setup.ts';

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

/** What the scan does with a server that is perhaps an orphan. `end` is what the tool does not do. */
export type Suspected = 'log' | 'end';

/** Looks for servers that have no live Claude among their first parents. */
export async function scan(ports: Ports, suspected: Suspected): Promise<void> {
  const self = await ports.process.self();
  const options = { isServer, isHost: isClaude, maxHops: MAX_HOPS };
  for (const suspect of await scanForOrphans(ports, self, options)) {
    const { pid } = suspect.server;
    await log(ports, suspectLine(suspect));
    ports.mark('suspect', { pid });
    if (suspected === 'end') await signal(ports, pid, 'SIGTERM');
  }
}
