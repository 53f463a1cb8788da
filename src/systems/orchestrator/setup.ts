import { isSystemError, type Ports, type ProcessInfo, type Program } from '../../ports/index.ts';

export const STATE = '/project/.orchestrator-state';
export const PREFIX = 'active-session-';
/** The one file of all sessions, for old readers: whoever writes last wins. */
export const LEGACY = `${STATE}/active-session`;
/** The rows of agent_channel.db, a file each: `<session id>` to {@link Row}. */
export const CHANNEL = `${STATE}/agent-channel`;
/** What the scan says, a line each: `PID why`. */
export const LOG = '/log/orphans';
/** By this a server's command line is known. */
export const MARKER = 'orchestrator/dist/server.js';

/** A session of Claude and its server each. The tool's: a row counts for so long after its last heartbeat. */
export const ROW_STALE_MS = 90_000;
export const HEARTBEAT_MS = 30_000;

export interface Row {
  readonly serverPid: number;
  readonly heartbeatMs: number;
}

export function isServer({ command }: Pick<ProcessInfo, 'command'>): boolean {
  return command.includes(MARKER);
}

/** As the tool does: by the name of the program alone. */
export function isClaude({ command }: Pick<ProcessInfo, 'command'>): boolean {
  return command[0] === 'claude' || command[0] === 'oldclaude';
}

/** A session has been told of another. */
export function seesMark(session: string, other: string): string {
  return `${session} sees ${other}`;
}

/** SQLite's writes are whole or not there. */
export async function writeWhole(
  { fs, process }: Pick<Ports, 'fs' | 'process'>,
  path: string,
  text: string,
): Promise<void> {
  const temporary = `${path}.${(await process.self()).pid}.new`;
  await fs.writeFile(temporary, text);
  await fs.rename(temporary, path);
}

export async function log({ fs }: Pick<Ports, 'fs'>, line: string): Promise<void> {
  await fs.mkdir('/log', { recursive: true });
  const fd = await fs.open(LOG, 'a');
  await fs.write(fd, `${line}\n`);
  await fs.close(fd);
}

/**
 * A session: `claude SESSION [forMs]`. Its hook writes which session it is, and its server starts, at the same time. Ends
 * after a while, or never.
 */
export const claude: Program = async ({ process, clock }, [session = '', forMs = '']) => {
  await Promise.all([process.spawn(['hook', session]), process.spawn(['server', MARKER, session])]);
  if (forMs !== '') {
    await clock.sleep(Number(forMs));
    return 0;
  }
  for (;;) await clock.sleep(60_000);
};

/** A session with a server of a version that knows nothing of orphans: it stays when its session is gone. */
export const claudeOfOld: Program = async ({ process, clock }, [forMs = '0']) => {
  await process.spawn(['oldserver', MARKER]);
  await clock.sleep(Number(forMs));
  return 0;
};

/** In memory it is the version of its start, whatever is on disk by now. */
export const oldServer: Program = async ({ clock }) => {
  for (;;) await clock.sleep(60_000);
};

/** The tool's SessionStart hook: writes the file of its session's PID, and the legacy file. */
export const hook: Program = async ({ fs, process }, [session = '']) => {
  const { ppid } = await process.self();
  await orNot(fs.mkdir(STATE, { recursive: true }));
  await orNot(fs.writeFile(`${STATE}/${PREFIX}${ppid}`, session));
  await orNot(fs.writeFile(LEGACY, session));
  return 0;
};

/** The hook is a shell script with `|| true` behind each write: no session may fail to start because of it. */
async function orNot(doing: Promise<void>): Promise<void> {
  try {
    await doing;
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
