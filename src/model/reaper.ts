/**
 * Children of owners that are gone. An owner marks its children in their environment: a process cannot lose the mark of its start, and its
 * own children inherit it, so that whole trees are found, whatever has become of the parents.
 */
import { hasCode, type Ports, type ProcessInfo, type Self } from '../ports/index.ts';
import { evict } from './eviction.ts';
import { isGone, lookAt, type Origin } from './identity.ts';
import type { Timing } from './timing.ts';
import { Unmarked } from './unmarked.ts';

/** The variable that marks a child. */
const VARIABLE = 'ONE_SURVIVOR_OWNER';
/** Versions before 0.3 marked only the command line of the child itself. */
const FLAG = '--one-survivor-owner=';
/** Unambiguous, since the name of a PID namespace has no slash and a directory begins with one. */
const MARK = /^(\d+)\.(\d+)@([^/]*):(\/.*)$/s;
/** What an orphan has started while it was being ended is found by another look; more than this often is not a coincidence. */
const MOST_LOOKS = 3;

/** The owner named by a mark. Without a boot ID, since no child outlives a boot. */
export type OwnerIdentity = Pick<Origin, 'pid' | 'startTicks' | 'pidNamespace'>;

type ReaperPorts = Pick<Ports, 'process' | 'clock' | 'mark' | 'summarize'>;

/**
 * The variable that an owner adds to the environment of every child, so that its successor recognizes it and its descendants:
 * the absolute path of the state directory, and the owner's PID, start time and PID namespace.
 */
export function childEnvironment(directory: string, owner: OwnerIdentity): Record<string, string> {
  return { [VARIABLE]: markOf(directory, owner) };
}

/** The same as an argument: for programs that replace their environment. It marks the child only, not what the child starts. */
export function childMarker(directory: string, owner: OwnerIdentity): string {
  return FLAG + markOf(directory, owner);
}

function markOf(directory: string, { pid, startTicks, pidNamespace }: OwnerIdentity): string {
  return `${pid}.${startTicks}@${pidNamespace}:${directory}`;
}

/**
 * The owner that a process is marked with, if it is one of this state directory.
 *
 * @param variable what the process has in its environment; `null`: nothing
 */
export function ownerOf(
  command: readonly string[],
  directory: string,
  variable: string | null = null,
): OwnerIdentity | null {
  const marks = command.flatMap((word) => (word.startsWith(FLAG) ? [word.slice(FLAG.length)] : []));
  for (const mark of variable === null ? marks : [variable, ...marks]) {
    const [, pid, startTicks, pidNamespace, where] = MARK.exec(mark) ?? [];
    if (where === directory)
      return { pid: Number(pid), startTicks: Number(startTicks), pidNamespace: pidNamespace! };
  }
  return null;
}

/** The mark in the environment of a process; `null`: none, or it has ended, or we may not see it. */
export async function variableOf(pid: number, { process }: Pick<Ports, 'process'>): Promise<string | null> {
  try {
    return await process.env(pid, VARIABLE);
  } catch (error) {
    if (hasCode(error, 'ESRCH') || hasCode(error, 'EACCES')) return null;
    throw error;
  }
}

/**
 * Whether a process is marked with an owner of this state directory that is gone. Processes of a container are visible outside it,
 * but under other PIDs: our process table cannot tell whether an owner in another PID namespace is alive.
 *
 * @param info what was read before: the mark is that of this process, or else of a later one with the PID, which no signal will reach
 */
export async function isLeftBehind(
  info: Pick<ProcessInfo, 'pid' | 'command'>,
  directory: string,
  self: Pick<Self, 'pidNamespace'>,
  ports: Pick<Ports, 'process'>,
): Promise<boolean> {
  return isLost(await markOn(info, directory, ports), self, ports);
}

async function markOn(
  { pid, command }: Pick<ProcessInfo, 'pid' | 'command'>,
  directory: string,
  ports: Pick<Ports, 'process'>,
): Promise<OwnerIdentity | null> {
  return ownerOf(command, directory, await variableOf(pid, ports));
}

async function isLost(
  owner: OwnerIdentity | null,
  self: Pick<Self, 'pidNamespace'>,
  ports: Pick<Ports, 'process'>,
): Promise<boolean> {
  return owner !== null && owner.pidNamespace === self.pidNamespace && (await isGone(owner, ports));
}

/**
 * Ends every orphan of this state directory: a process of our user that is marked with an owner that is gone. Its parent
 * does not matter, so a subreaper or a container's PID 1 makes no difference. All are asked to end at the same time.
 *
 * A process without the mark is not signalled, even below an orphan: the mark `spared` says why.
 *
 * @param unmarked what earlier calls have found: by default, all processes are looked at
 * @returns how many were ended
 */
export function reapOrphans(
  directory: string,
  self: Self,
  ports: ReaperPorts,
  timing: Timing,
  unmarked = new Unmarked(),
): Promise<number> {
  const reap = async (): Promise<number> => {
    let reaped = 0;
    for (let look = 1; look <= MOST_LOOKS; look++) {
      const { orphans, others } = await findOrphans(directory, self, ports, unmarked);
      if (orphans.length === 0) break;
      for (const pid of descendantsOf(orphans, others))
        ports.mark('spared', { pid, why: 'an orphan has started it, but it is not marked' });
      const ended = await Promise.all(orphans.map((orphan) => end(orphan, ports, timing)));
      reaped += ended.filter(Boolean).length;
      // What cannot be ended would be found again.
      if (ended.includes(false)) break;
    }
    return reaped;
  };
  return ports.summarize(reap, (reaped) => [reaped, unmarked.state]);
}

async function end(orphan: ProcessInfo, ports: ReaperPorts, timing: Timing): Promise<boolean> {
  const ended = await evict(orphan, ports, timing);
  if (ended) ports.mark('reaped', { pid: orphan.pid });
  return ended;
}

/** Processes of our user that must be looked at: those that are orphans, and the others. */
async function findOrphans(
  directory: string,
  self: Self,
  ports: ReaperPorts,
  unmarked: Unmarked,
): Promise<{ orphans: ProcessInfo[]; others: ProcessInfo[] }> {
  const orphans: ProcessInfo[] = [];
  const others: ProcessInfo[] = [];
  for (const pid of unmarked.toLookAt(await ports.process.list())) {
    if (pid === self.pid) continue;
    const info = await lookAt(pid, ports);
    if (info === null) continue;
    // Hidden: of another user. A zombie has neither a command line nor an environment.
    const isOurs = info !== 'hidden' && info.uid === self.uid && info.state !== 'zombie';
    const owner = isOurs ? await markOn(info, directory, ports) : null;
    if (owner === null) unmarked.note(pid);
    if (isOurs) ((await isLost(owner, self, ports)) ? orphans : others).push(info);
  }
  return { orphans, others };
}

/** The PIDs of those that have one of these above them. */
function descendantsOf(roots: readonly ProcessInfo[], others: readonly ProcessInfo[]): number[] {
  const below = new Set(roots.map(({ pid }) => pid));
  for (let size = 0; size < below.size; ) {
    size = below.size;
    for (const { pid, ppid } of others) if (below.has(ppid)) below.add(pid);
  }
  return others.map(({ pid }) => pid).filter((pid) => below.has(pid));
}
