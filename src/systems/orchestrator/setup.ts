/** Where orchestrator's sessions and servers keep their files, and how they are known. */
import type { Ports, ProcessInfo } from '../../ports/index.ts';

export const STATE = '/project/.orchestrator-state';
export const PREFIX = 'active-session-';
/** The one file of all sessions, for old readers: the last write counts. */
export const LEGACY = `${STATE}/active-session`;
/** The rows of agent_channel.db, a file each: `<session id>` to {@link Row}. */
export const CHANNEL = `${STATE}/agent-channel`;
/** What the scan says, a line each: `PID why`. */
export const LOG = '/log/orphans';
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
  return command[0] === 'claude' || command[0] === 'oldclaude';
}

/** The mark of a session that has been told of another. */
export function seesMark(session: string, other: string): string {
  return `${session} sees ${other}`;
}

export async function log({ fs }: Pick<Ports, 'fs'>, line: string): Promise<void> {
  await fs.mkdir('/log', { recursive: true });
  const fd = await fs.open(LOG, 'a');
  await fs.write(fd, `${line}\n`);
  await fs.close(fd);
}
