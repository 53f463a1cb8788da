/** The tool's preflight: which process holds the TCP port, and what the app does about it. */
import type { Ports, ProcessInfo } from '../../../ports/index.ts';
import { isPidAlive, orElse, signal } from '../../vocabulary/index.ts';
import { LIMITS } from '../constants.ts';
import { MARKER, PID_FILE, TCP_PORT } from '../setup.ts';
import type { Reconcile } from './supervisor.ts';

/** What was wrong with the first version of the pull request, and what review has fixed. */
export interface Faults {
  /** The lookup asks for 127.0.0.1 only. */
  loopbackOnly: boolean;
  /** A PID that the PID file names is an orphan, whatever its parent is. */
  pidFileIsProof: boolean;
  /** Consent is asked in crash recovery too. */
  asksInRecovery: boolean;
}

const NO_FAULTS: Faults = { loopbackOnly: false, pidFileIsProof: false, asksInRecovery: false };

type Class = 'foreign' | 'orphan' | 'live';

/** The tool's classifier. */
export function classify(
  { pid, ppid, uid, command }: Pick<ProcessInfo, 'pid' | 'ppid' | 'uid' | 'command'>,
  selfUid: number,
  recordedPid: number | null = null,
): Class {
  if (uid !== selfUid || !command.includes(MARKER)) return 'foreign';
  return ppid === 1 || pid === recordedPid ? 'orphan' : 'live';
}

/** Step by step: lsof, ps, judge; lsof and ps again, and then signals by PID. */
export function reconcileWith(differs: Partial<Faults> = {}): Reconcile {
  const faults = { ...NO_FAULTS, ...differs };
  return async (ports, { boot, consents }) => {
    const { uid } = await ports.process.self();
    const holder = await findHolder(ports, faults);
    if (holder === null) return 'go';
    const recorded = await readPidFile(ports);
    const kind = classify(holder, uid, faults.pidFileIsProof ? recorded : null);
    if (kind === 'foreign') {
      ports.mark('says-foreign', { pid: holder.pid });
      return 'go';
    }
    if (kind === 'orphan') {
      const ended = await reclaim(ports, holder.pid, uid, faults);
      const ours = recorded === holder.pid;
      ports.mark(ended ? 'killed-orphan' : 'kill-failed', { pid: holder.pid, ours });
      return 'go';
    }
    if (!(boot || faults.asksInRecovery)) return 'stop';
    ports.mark(boot ? 'asks-at-boot' : 'asks-in-recovery');
    // A dialog: the user takes a while.
    await ports.clock.sleep(500);
    if (!consents) return 'stop';
    ports.mark((await reclaim(ports, holder.pid, uid, faults)) ? 'killed-live' : 'kill-failed');
    return 'go';
  };
}

/** lsof -t lists PIDs in ascending order, of the processes that one may look into; the first one counts. */
async function findHolder({ probe, process }: Ports, { loopbackOnly }: Faults): Promise<ProcessInfo | null> {
  const [pid] = (await probe.holders(TCP_PORT))
    .filter(({ host }) => !loopbackOnly || host === '127.0.0.1')
    .flatMap(({ pid }) => (pid === null ? [] : [pid]))
    .sort((a, b) => a - b);
  return pid === undefined ? null : orElse(process.info(pid), null, 'ESRCH');
}

/** Null if it is missing, or garbage. */
export async function readPidFile({ fs }: Pick<Ports, 'fs'>): Promise<number | null> {
  const pid = Number.parseInt((await orElse(fs.readFile(PID_FILE), '')).trim(), 10);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

async function reclaim(ports: Ports, pid: number, selfUid: number, faults: Faults): Promise<boolean> {
  const now = await findHolder(ports, faults);
  if (now === null) return true;
  if (now.pid !== pid || classify(now, selfUid) === 'foreign') return false;
  await signal(ports, -pid, 'SIGTERM');
  if (await endsWithin(ports, pid, LIMITS.killGraceMs)) return true;
  await signal(ports, -pid, 'SIGKILL');
  await signal(ports, pid, 'SIGKILL');
  return endsWithin(ports, pid, LIMITS.killTimeoutMs);
}

async function endsWithin(ports: Ports, pid: number, withinMs: number): Promise<boolean> {
  const untilMs = (await ports.clock.wallMs()) + withinMs;
  while ((await ports.clock.wallMs()) < untilMs) {
    if (!(await isPidAlive(ports, pid))) return true;
    await ports.clock.sleep(LIMITS.exitPollMs);
  }
  return !(await isPidAlive(ports, pid));
}
