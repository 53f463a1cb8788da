import { hasCode, type Ports } from '../../ports/index.ts';

/**
 * The lock that nearly everybody writes first: create the file exclusively; if it is there, read the PID in it; if that
 * process is gone, remove the file and try again. It is wrong in at least five ways.
 *
 * @returns whether we hold the lock; false: another live process does
 */
export async function acquireNaively({ fs, process }: Ports, path: string): Promise<boolean> {
  const { pid } = await process.self();
  for (;;) {
    try {
      await fs.writeFile(path, `${pid}`, { flag: 'wx' });
      return true;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (await isHeld(path, { fs, process })) return false;
    await fs.unlinkIfThere(path);
  }
}

/** Removes the lock if our PID is in it. */
export async function releaseNaively(ports: Ports, path: string): Promise<void> {
  const { pid } = await ports.process.self();
  if ((await ports.fs.readIfThere(path)) === `${pid}`) await ports.fs.unlinkIfThere(path);
}

async function isHeld(path: string, { fs, process }: Pick<Ports, 'fs' | 'process'>): Promise<boolean> {
  const pid = Number.parseInt((await fs.readIfThere(path)) ?? '', 10);
  if (!Number.isInteger(pid)) return false;
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
