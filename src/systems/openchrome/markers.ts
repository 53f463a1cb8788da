import { hasCode, isSystemError, type Ports } from '../../ports/index.ts';
import { flagOf } from './chrome.ts';
import { isPidAlive } from './controller-lock.ts';

/** Beside each Chrome that openchrome has started, in its profile: whose it is. A Chrome that is attached to has none. */
interface Marker {
  readonly pid: number;
  readonly ppid: number;
  readonly userDataDir: string;
}

const NAME = '.openchrome-managed';
/** Somebody means to come back to this Chrome. */
const RESUME_TOKEN = '.resume-token';

export async function writeMarker(ports: Ports, pid: number, userDataDir: string): Promise<void> {
  const { pid: ppid } = await ports.process.self();
  const marker: Marker = { pid, ppid, userDataDir };
  await ports.fs.mkdir(userDataDir, { recursive: true });
  await ports.fs.writeFile(`${userDataDir}/${NAME}`, JSON.stringify(marker));
}

/**
 * Ends orphans: alive, the very profile on its command line, whoever is said to have started it dead, no resume token. By
 * PID, after all these looks.
 */
export async function reap(ports: Ports, profiles: readonly string[]): Promise<void> {
  for (const profile of profiles) {
    const path = `${profile}/${NAME}`;
    const marker = await readMarker(path, ports);
    if (marker === null) continue;
    if (await isPidAlive(marker.pid, ports)) {
      if (!(await isOrphan(marker, ports))) continue;
      await killQuietly(marker.pid, ports);
      ports.mark('reaped');
    }
    await ports.fs.unlinkIfThere(path);
  }
}

async function isOrphan(marker: Marker, ports: Ports): Promise<boolean> {
  const { pid, ppid, userDataDir } = marker;
  if ((await profileOf(pid, ports)) !== userDataDir) return false;
  if (await isPidAlive(ppid, ports)) return false;
  return !(await ports.fs.exists(`${userDataDir}/${RESUME_TOKEN}`));
}

async function profileOf(pid: number, { process }: Ports): Promise<string | null> {
  try {
    return flagOf((await process.info(pid)).command, 'user-data-dir');
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return null;
    throw error;
  }
}

async function readMarker(path: string, { fs }: Ports): Promise<Marker | null> {
  try {
    const marker = JSON.parse(await fs.readFile(path)) as Partial<Marker> | null;
    return typeof marker?.pid === 'number' && typeof marker.ppid === 'number' ? (marker as Marker) : null;
  } catch (error) {
    if (isSystemError(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function killQuietly(pid: number, { process }: Ports): Promise<void> {
  try {
    await process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
