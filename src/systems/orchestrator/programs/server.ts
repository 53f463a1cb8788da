/** The tool's server, a child of its session. */
import { findHost } from '../../../model/index.ts';
import type { Ports, Program } from '../../../ports/index.ts';
import { orElse } from '../../vocabulary/index.ts';
import { ROW_STALE_MS } from '../constants.ts';
import { CHANNEL, isClaude, LEGACY, log, PREFIX, type Row, reapedLine, STATE, seesMark } from '../setup.ts';
import { endOlderServers } from './dedup.ts';
import { type Eperm, reapFiles, type Suspected, scan } from './hygiene.ts';
import { type Filter, SelfIds } from './self-ids.ts';
import { Embeddings, type Excludes } from './sidecar.ts';

/** Between two turns of a session: the tool says at each which others are there. */
const TURN_MS = 1_000;

export interface Rules {
  /** Sweeps at its start. Default: it does not. */
  sweep?: Eperm;
  /** Scans for orphans at its start. Default: it does not. */
  suspected?: Suspected;
  /** Ends older servers of its session at its start. */
  dedups?: boolean;
  /** Takes part in the channel of the sessions, and leaves these ids out of its siblings. Default: it does not take part. */
  channel?: Filter;
  /** Uses the sidecar, and starts it if there is none. Default: it does not. */
  sidecar?: Excludes;
}

/**
 * `server MARKER SESSION`. It knows the session's id for certain only once it is asked something; before, it takes it from
 * the file of the PID, or else from the legacy file.
 */
export function server({ sweep, suspected, dedups = false, channel, sidecar }: Rules): Program {
  return async (ports, [, asked = '']) => {
    const self = await ports.process.self();
    const reaped = sweep === undefined ? 0 : await reapFiles(ports, sweep);
    if (reaped > 0) await log(ports, reapedLine(reaped));
    if (suspected !== undefined) await scan(ports, suspected);
    const session = await findHost(self, ports, { isHost: isClaude });
    if (typeof session === 'string') return 0;
    if (dedups) await endOlderServers(ports, self, session);
    const embeddings = sidecar === undefined ? null : new Embeddings(ports, sidecar);
    const own = (await fallbackId(ports, session.pid)) ?? asked;
    if (own !== asked) ports.mark('drifted');
    const ids = new SelfIds(channel ?? 'asking');
    ids.register(own);
    for (;;) {
      // Its watchdog.
      if ((await ports.process.self()).ppid !== self.ppid) break;
      if (channel !== undefined) await turn(ports, own, asked, ids);
      await embeddings?.use();
      await ports.clock.sleep(TURN_MS);
    }
    if (channel !== undefined) await orElse(ports.fs.unlink(`${CHANNEL}/${own}`), undefined);
    return 0;
  };
}

async function fallbackId({ fs }: Ports, pid: number): Promise<string | null> {
  return (await fs.readIfThere(`${STATE}/${PREFIX}${pid}`)) || (await fs.readIfThere(LEGACY)) || null;
}

async function turn(ports: Ports, own: string, asked: string, ids: SelfIds): Promise<void> {
  const { fs, process, clock, mark } = ports;
  const { pid } = await process.self();
  // The question names its session.
  ids.register(asked);
  const row: Row = { serverPid: pid, heartbeatMs: await clock.wallMs() };
  await fs.mkdir(CHANNEL, { recursive: true });
  await writeWhole(ports, `${CHANNEL}/${own}`, JSON.stringify(row));
  for (const id of await fs.readdir(CHANNEL)) {
    if (ids.leavesOut(id, asked) || id.endsWith('.new')) continue;
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
