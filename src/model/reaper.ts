/**
 * Children of owners that are gone. An owner marks its children in their environment: a process cannot lose the mark of its start, and its
 * own children inherit it, so that whole trees are found, whatever has become of the parents.
 */
import type { Ports, ProcessInfo, Self } from '../ports/index.ts';
import { type OwnerIdentity, ownerOn } from './child-mark.ts';
import { evict } from './eviction.ts';
import { Exempt } from './exemption.ts';
import { isGone, lookAt } from './identity.ts';
import type { Timing } from './timing.ts';
import { Unmarked } from './unmarked.ts';

/** What an orphan has started while it was being ended is found by another look; more than this often is not a coincidence. */
const MOST_LOOKS = 3;

type ReaperPorts = Pick<Ports, 'fs' | 'process' | 'clock' | 'mark' | 'summarize'>;

/**
 * Whether a process is marked with an owner of this state directory that is gone. Processes of a container are visible outside it,
 * but under other PIDs: our process table cannot tell whether an owner in another PID namespace is alive. Who contends or owns is not left
 * behind.
 *
 * @param info what was read before: the mark is that of this process, or else of a later one with the PID, which no signal will reach
 */
export async function isLeftBehind(
  info: ProcessInfo,
  directory: string,
  self: Self,
  ports: Pick<Ports, 'fs' | 'process'>,
): Promise<boolean> {
  if (!(await isLost(await ownerOn(info, directory, ports), self, ports))) return false;
  return !(await (await Exempt.in(directory, self, ports)).has(info, ports));
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
 * A process without the mark is not signalled, even below an orphan, nor is one that contends or owns, with what is below it: the mark
 * `spared` says why.
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
      const { orphans, exempt, others } = await findOrphans(directory, self, ports, unmarked);
      for (const process of exempt) {
        if (unmarked.isNews(process))
          ports.mark('spared', { pid: process.pid, why: 'it is, or has above it, a contender or an owner' });
      }
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

/** Processes of our user that must be looked at. */
interface Found {
  /** Marked with an owner that is gone. */
  readonly orphans: ProcessInfo[];
  /** The same, but they contend or own, or are below such a process. */
  readonly exempt: ProcessInfo[];
  readonly others: ProcessInfo[];
}

async function findOrphans(
  directory: string,
  self: Self,
  ports: ReaperPorts,
  unmarked: Unmarked,
): Promise<Found> {
  const found: Found = { orphans: [], exempt: [], others: [] };
  let exempt: Exempt | null = null;
  for (const pid of unmarked.toLookAt(await ports.process.list())) {
    if (pid === self.pid) continue;
    const info = await lookAt(pid, ports);
    if (info === null) continue;
    // Hidden: of another user. A zombie has neither a command line nor an environment.
    const isOurs = info !== 'hidden' && info.uid === self.uid && info.state !== 'zombie';
    const owner = isOurs ? await ownerOn(info, directory, ports) : null;
    if (owner === null) unmarked.note(pid);
    if (!isOurs) continue;
    if (!(await isLost(owner, self, ports))) found.others.push(info);
    else {
      exempt ??= await Exempt.in(directory, self, ports);
      ((await exempt.has(info, ports)) ? found.exempt : found.orphans).push(info);
    }
  }
  return found;
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
