import { hasCode, isSystemError, type Ports, type ProcessInfo } from '../../ports/index.ts';
import { FIGURES, MARKER, PID_FILE, TCP_PORT } from './setup.ts';
import { signalGroup } from './supervisor.ts';

/** What was wrong with the first version of the pull request, and what review has mended. */
export interface Faults {
  /** The lookup asks for 127.0.0.1 only. */
  loopbackOnly: boolean;
  /** A PID that the PID file names is an orphan, whoever its parent is. */
  pidFileIsProof: boolean;
  /** Consent is asked in crash recovery too. */
  asksInRecovery: boolean;
}

export const NO_FAULTS: Faults = { loopbackOnly: false, pidFileIsProof: false, asksInRecovery: false };

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

/** The tool's preflight, step by step: lsof, ps, judge; lsof and ps again, and then signals by PID. */
export async function reconcile(
  ports: Ports,
  { boot, consents }: { boot: boolean; consents: boolean },
  faults: Faults,
): Promise<'go' | 'stop'> {
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
    ports.mark(ended ? 'killed-orphan' : 'kill-failed', { pid: holder.pid, ours: recorded === holder.pid });
    return 'go';
  }
  if (!(boot || faults.asksInRecovery) || !(await asks(ports, boot, consents))) return 'stop';
  ports.mark((await reclaim(ports, holder.pid, uid, faults)) ? 'killed-live' : 'kill-failed');
  return 'go';
}

/** A dialog: whoever sits there takes a while. */
async function asks(ports: Ports, boot: boolean, consents: boolean): Promise<boolean> {
  ports.mark(boot ? 'asks-at-boot' : 'asks-in-recovery');
  await ports.clock.sleep(500);
  return consents;
}

/** lsof -t lists PIDs in ascending order, of the processes that one may look into; the first one counts. */
async function findHolder({ probe, process }: Ports, { loopbackOnly }: Faults): Promise<ProcessInfo | null> {
  const [pid] = (await probe.holders(TCP_PORT))
    .filter(({ host }) => !loopbackOnly || host === '127.0.0.1')
    .flatMap(({ pid }) => (pid === null ? [] : [pid]))
    .sort((a, b) => a - b);
  if (pid === undefined) return null;
  try {
    return await process.info(pid);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return null;
    throw error;
  }
}

/** Null: missing, or garbage. */
export async function readPidFile({ fs }: Pick<Ports, 'fs'>): Promise<number | null> {
  try {
    const pid = Number.parseInt((await fs.readFile(PID_FILE)).trim(), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

async function reclaim(ports: Ports, pid: number, selfUid: number, faults: Faults): Promise<boolean> {
  const now = await findHolder(ports, faults);
  if (now === null) return true;
  if (now.pid !== pid || classify(now, selfUid) === 'foreign') return false;
  await signalGroup(ports, pid, 'SIGTERM');
  if (await endsWithin(ports, pid, FIGURES.killGraceMs)) return true;
  await signalGroup(ports, pid, 'SIGKILL');
  await signalBare(ports, pid);
  return endsWithin(ports, pid, FIGURES.killTimeoutMs);
}

async function signalBare({ process }: Ports, pid: number): Promise<void> {
  try {
    await process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

async function endsWithin(ports: Ports, pid: number, withinMs: number): Promise<boolean> {
  const untilMs = (await ports.clock.wallMs()) + withinMs;
  while ((await ports.clock.wallMs()) < untilMs) {
    if (!(await isAlive(ports, pid))) return true;
    await ports.clock.sleep(FIGURES.exitPollMs);
  }
  return !(await isAlive(ports, pid));
}

async function isAlive({ process }: Ports, pid: number): Promise<boolean> {
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
