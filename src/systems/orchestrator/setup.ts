/** Where orchestrator's sessions and servers keep their files, and how they are known. */
import type { Suspect } from '../../model/index.ts';
import type { Ports, ProcessInfo } from '../../ports/index.ts';

export const STATE = '/project/.orchestrator-state';
export const PREFIX = 'active-session-';
/** The one file of all sessions, for old readers: the last write counts. */
export const LEGACY = `${STATE}/active-session`;
/** The rows of agent_channel.db, a file each: `<session id>` to {@link Row}. */
export const CHANNEL = `${STATE}/agent-channel`;
/** What servers say at their start: {@link reapedLine} and {@link suspectLine}. */
export const LOG = '/log/orchestrator';
/** Where the sidecar, a server of embeddings in Python that all sessions share, can be found: its TCP port. */
export const PLUGIN = '/plugin';
export const SIDECAR_PORT = `${PLUGIN}/.sidecar-port`;
/** Held by the server that starts it, in later versions. */
export const SIDECAR_LOCK = `${SIDECAR_PORT}.lock`;
/** A server's command line is known by this. */
export const MARKER = 'orchestrator/dist/server.js';

/** A server of a session that takes part in the channel. */
export interface Row {
  readonly serverPid: number;
  readonly heartbeatMs: number;
}

export function isServer({ command }: Pick<ProcessInfo, 'command'>): boolean {
  return command.includes(MARKER);
}

/** As the tool does: by the name of the program alone. */
export function isClaude({ command }: Pick<ProcessInfo, 'command'>): boolean {
  return SESSIONS.includes(command[0] ?? '');
}

const SESSIONS: readonly string[] = ['claude', 'oldclaude', 'reloading'];

/** The mark of a session that has been told of another. */
export function seesMark(session: string, other: string): string {
  return `${session} sees ${other}`;
}

/** How many files the sweep has removed. */
export function reapedLine(files: number): string {
  return `reaped ${files} stale session files`;
}

/** Which server is perhaps an orphan, why, and what to do: the scan ends nothing, so a person has to. */
export function suspectLine({ server: { pid }, why }: Pick<Suspect, 'server' | 'why'>): string {
  const look = `ps -o pid,ppid,lstart,args -p ${pid}`;
  return `${pid} ${why}: perhaps an orphan, and not ended: live sessions may use its sidecar. ${look} shows it; if none needs it: kill ${pid}`;
}

export async function log({ fs }: Pick<Ports, 'fs'>, line: string): Promise<void> {
  await fs.mkdir('/log', { recursive: true });
  const fd = await fs.open(LOG, 'a');
  await fs.write(fd, `${line}\n`);
  await fs.close(fd);
}
