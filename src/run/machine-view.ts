/** The processes and listeners of a run at one moment, for display. */
import { parentPid, type SimProcess } from '../sim/index.ts';
import type { Run } from './run.ts';

export interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  /** As seen by the process itself. */
  readonly ppid: number;
  readonly state: SimProcess['state'];
  readonly command: readonly string[];
  readonly foreign: boolean;
  /** Whether it has declared itself the owner, and no higher fencing token was granted. */
  readonly owns: boolean;
  /** Its fencing token, if it is the owner and has one. */
  readonly token: number | null;
}

export interface RecordedListener {
  /** `127.0.0.1:4711`, or the path of a Unix socket. */
  readonly address: string;
  /** The names of the processes that have it open. */
  readonly holders: readonly string[];
  /** The number of requests that were not accepted yet. */
  readonly queued: number;
}

export function processesOf({ machine, world }: Run): RecordedProcess[] {
  const claims = world.currentClaims;
  return machine.table.existing().map((process) => {
    const { name, pid, state, command, foreign } = process;
    const claim = claims.find((each) => each.process === process);
    const owns = claim !== undefined;
    const ppid = parentPid(process);
    return { name, pid, ppid, state, command, foreign, owns, token: claim?.token ?? null };
  });
}

export function listenersOf({ machine }: Run): RecordedListener[] {
  return machine.listeners.all().map(({ address, holders, queue }) => ({
    address: address.kind === 'unix' ? address.path : `${address.host}:${address.tcpPort}`,
    holders: holders.map(({ name }) => name),
    queued: queue.length,
  }));
}
