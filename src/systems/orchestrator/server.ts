import { findHost } from '../../model/index.ts';
import { isSystemError, type Ports, type Program } from '../../ports/index.ts';
import { type Eperm, logOrphans, reapFiles } from './hygiene.ts';
import {
  CHANNEL,
  isClaude,
  LEGACY,
  PREFIX,
  ROW_STALE_MS,
  type Row,
  STATE,
  seesMark,
  writeWhole,
} from './setup.ts';

/** Between two turns of a session: the tool says at each who else is there. */
const TURN_MS = 1_000;

export interface Rules {
  /** Sweeps at its start; null: it does not. */
  sweep: Eperm | null;
  /** Scans for orphans at its start. */
  scans: boolean;
  /** Takes part in the channel of the sessions. Null: none of its turns is looked at. */
  channel: {
    /** Leaves out of the list of siblings the id that it has registered under, and not only that of the session that asks. */
    knowsBothIds: boolean;
  } | null;
}

/**
 * The tool's server, a child of its session: `server MARKER SESSION`. The session's id it knows for certain only once it is
 * asked something; before, from the file of the PID, or else from the legacy file.
 */
export function server({ sweep, scans, channel }: Rules): Program {
  return async (ports, [, asked = '']) => {
    const self = await ports.process.self();
    if (sweep !== null) await reapFiles(ports, sweep);
    if (scans) await logOrphans(ports);
    const session = await findHost(self, ports, { isHost: isClaude });
    if (typeof session === 'string') return 0;
    const own = (await fallbackId(ports, session.pid)) ?? asked;
    if (own !== asked) ports.mark('drifted');
    for (;;) {
      // Its watchdog.
      if ((await ports.process.self()).ppid !== self.ppid) break;
      if (channel !== null) await turn(ports, own, asked, channel.knowsBothIds ? [asked, own] : [asked]);
      await ports.clock.sleep(TURN_MS);
    }
    if (channel !== null) await leave(ports, own);
    return 0;
  };
}

async function fallbackId(ports: Ports, pid: number): Promise<string | null> {
  return (
    (await ports.fs.readIfThere(`${STATE}/${PREFIX}${pid}`)) || (await ports.fs.readIfThere(LEGACY)) || null
  );
}

async function turn(ports: Ports, own: string, asked: string, mine: readonly string[]): Promise<void> {
  const { pid } = await ports.process.self();
  const row: Row = { serverPid: pid, heartbeatMs: await ports.clock.wallMs() };
  await ports.fs.mkdir(CHANNEL, { recursive: true });
  await writeWhole(ports, `${CHANNEL}/${own}`, JSON.stringify(row));
  for (const id of await ports.fs.readdir(CHANNEL)) {
    if (mine.includes(id) || id.endsWith('.new')) continue;
    const text = await ports.fs.readIfThere(`${CHANNEL}/${id}`);
    if (text === null) continue;
    const { serverPid, heartbeatMs } = JSON.parse(text) as Row;
    if (row.heartbeatMs - heartbeatMs > ROW_STALE_MS) continue;
    ports.mark(serverPid === pid ? 'phantom' : 'sibling', { id, asked });
    ports.mark(seesMark(asked, id));
  }
}

async function leave({ fs }: Ports, own: string): Promise<void> {
  try {
    await fs.unlink(`${CHANNEL}/${own}`);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
