/** A lock file that names its owner by PID. */
import { hasCode, type Ports } from '../../ports/index.ts';
import { isPidAlive } from '../vocabulary/index.ts';

/**
 * The lock that nearly everyone writes first: create the file exclusively; if it is there, read the PID in it; if that
 * process is gone, remove the file and try again. It is wrong in at least five ways.
 *
 * @returns whether we hold the lock; false: another live process does
 */
export async function acquireNaively(ports: Pick<Ports, 'fs' | 'process'>, path: string): Promise<boolean> {
  const { fs, process } = ports;
  const { pid } = await process.self();
  for (;;) {
    try {
      await fs.writeFile(path, `${pid}`, { flag: 'wx' });
      return true;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const holder = Number.parseInt((await fs.readIfThere(path)) ?? '', 10);
    if (Number.isInteger(holder) && (await isPidAlive(ports, holder))) return false;
    await fs.unlinkIfThere(path);
  }
}

/** Removes the lock if our PID is in it. */
export async function releaseNaively(ports: Ports, path: string): Promise<void> {
  const { pid } = await ports.process.self();
  if ((await ports.fs.readIfThere(path)) === `${pid}`) await ports.fs.unlinkIfThere(path);
}
