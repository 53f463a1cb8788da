/** The tool's server, a child of its session. */
import { findHost } from '../../../model/index.ts';
import type { Ports, Program } from '../../../ports/index.ts';
import { orElse } from '../../vocabulary/index.ts';
import { ROW_STALE_MS } from '../constants.ts';
import { CHANNEL, isClaude, LEGACY, PREFIX, type Row, STATE, seesMark } from '../setup.ts';
import { type Eperm, logOrphans, reapFiles } from './hygiene.ts';

/** Between two turns of a session: the tool says at each which others are there. */
const TURN_MS = 1_000;

export interface Rules {
  /** Sweeps at its start. Default: it does not. */
  sweep?: Eperm;
  /** Scans for orphans at its start. */
  scans?: boolean;
  /**
   * Takes part in the channel of the sessions, and leaves out of its siblings the session that asks, or also the id that it
   * has registered under. Default: it does not take part.
   */
  channel?: 'knows-asking-id' | 'knows-both-ids';
}

/**
 * `server MARKER SESSION`. It knows the session's id for certain only once it is asked something; before, it takes it from
 * the file of the PID, or else from the legacy file.
 */
export function server({ sweep, scans = false, channel }: Rules): Program {
  return async (ports, [, asked = '']) => {
    const self = await ports.process.self();
    if (sweep !== undefined) await reapFiles(ports, sweep);
    if (scans) await logOrphans(ports);
    const session = await findHost(self, ports, { isHost: isClaude });
    if (typeof session === 'string') return 0;
    const own = (await fallbackId(ports, session.pid)) ?? asked;
    if (own !== asked) ports.mark('drifted');
    for (;;) {
      // Its watchdog.
      if ((await ports.process.self()).ppid !== self.ppid) break;
      if (channel !== undefined)
        await turn(ports, own, asked, channel === 'knows-both-ids' ? [asked, own] : [asked]);
      await ports.clock.sleep(TURN_MS);
    }
    if (channel !== undefined) await orElse(ports.fs.unlink(`${CHANNEL}/${own}`), undefined);
    return 0;
  };
}

async function fallbackId({ fs }: Ports, pid: number): Promise<string | null> {
  return (await fs.readIfThere(`${STATE}/${PREFIX}${pid}`)) || (await fs.readIfThere(LEGACY)) || null;
}

async function turn(ports: Ports, own: string, asked: string, mine: readonly string[]): Promise<void> {
  const { fs, process, clock, mark } = ports;
  const { pid } = await process.self();
  const row: Row = { serverPid: pid, heartbeatMs: await clock.wallMs() };
  await fs.mkdir(CHANNEL, { recursive: true });
  await writeWhole(ports, `${CHANNEL}/${own}`, JSON.stringify(row));
  for (const id of await fs.readdir(CHANNEL)) {
    if (mine.includes(id) || id.endsWith('.new')) continue;
    const text = await fs.readIfThere(`${CHANNEL}/${id}`);
    if (text === null) continue;
    const { serverPid, heartbeatMs } = JSON.parse(text) as Row;
    if (row.heartbeatMs - heartbeatMs > ROW_STALE_MS) continue;
    mark(serverPid === pid ? 'phantom' : 'sibling', { id, asked });
    mark(seesMark(asked, id));
  }
}

/** SQLite's writes are whole or not there. */
async function writeWhole({ fs, process }: Ports, path: string, text: string): Promise<void> {
  const temporary = `${path}.${(await process.self()).pid}.new`;
  await fs.writeFile(temporary, text);
  await fs.rename(temporary, path);
}
