/** Markers of the Chromes that openchrome has started, and the reaper that goes by them. */
import type { Ports } from '../../../ports/index.ts';
import { isPidAlive, orElse, parseAny, signal } from '../../vocabulary/index.ts';
import { flagOf } from './chrome.ts';

/** In the profile of each Chrome that openchrome has started: its session. A Chrome that it attaches to has none. */
interface Marker {
  readonly pid: number;
  readonly ppid: number;
  readonly userDataDir: string;
}

const NAME = '.openchrome-managed';
/** A session means to come back to this Chrome. */
const RESUME_TOKEN = '.resume-token';

export async function writeMarker(ports: Ports, pid: number, userDataDir: string): Promise<void> {
  const { pid: ppid } = await ports.process.self();
  const marker: Marker = { pid, ppid, userDataDir };
  await ports.fs.mkdir(userDataDir, { recursive: true });
  await ports.fs.writeFile(`${userDataDir}/${NAME}`, JSON.stringify(marker));
}

/**
 * Ends orphans: a Chrome that lives and has the very profile on its command line, without a resume token, and whose session
 * has died. By PID, after all these looks.
 */
export async function reap(ports: Ports, profiles: readonly string[]): Promise<void> {
  for (const profile of profiles) {
    const path = `${profile}/${NAME}`;
    const marker = parseAny<Partial<Marker>>(await orElse(ports.fs.readFile(path), ''));
    if (!isMarker(marker)) continue;
    if (await isPidAlive(ports, marker.pid)) {
      if (!(await isOrphan(marker, ports))) continue;
      await signal(ports, marker.pid, 'SIGKILL');
      ports.mark('reaped');
    }
    await ports.fs.unlinkIfThere(path);
  }
}

function isMarker(marker: Partial<Marker> | null): marker is Marker {
  return typeof marker?.pid === 'number' && typeof marker.ppid === 'number';
}

async function isOrphan({ pid, ppid, userDataDir }: Marker, ports: Ports): Promise<boolean> {
  const info = await orElse(ports.process.info(pid), null, 'ESRCH');
  if (info === null || flagOf(info.command, 'user-data-dir') !== userDataDir) return false;
  if (await isPidAlive(ports, ppid)) return false;
  return !(await ports.fs.exists(`${userDataDir}/${RESUME_TOKEN}`));
}
