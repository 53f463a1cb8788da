import { isSystemError, type Ports } from '../../ports/index.ts';
import { ORPHAN_AGE_MS, TARGET } from './figures.ts';

/** Words of a command line that `grep` looks for, whosever process it is. */
const NAMES = ['chroma-mcp', 'worker'] as const;
/** USER_HZ. */
const TICK_MS = 10;

interface Listed {
  readonly pid: number;
  readonly ageMs: number;
}

/**
 * What a worker of #1085 does as it begins: ends all of those names that are older than five minutes, and then all
 * chroma-mcp but the two newest. The second part sits behind the return of the first.
 */
export async function reapByNameAgeAndCount(ports: Ports): Promise<void> {
  const { pid: own } = await ports.process.self();
  // Since the machine has come up, as start times are.
  const nowMs = await ports.clock.monotonicMs();
  const old = (await listed(ports, NAMES, own, nowMs)).filter(({ ageMs }) => ageMs >= ORPHAN_AGE_MS.after);
  if (old.length === 0) return;
  for (const { pid } of old) await kill(ports, pid, 'SIGKILL');
  const chroma = await listed(ports, ['chroma-mcp'], own, nowMs);
  chroma.sort((a, b) => a.ageMs - b.ageMs);
  for (const { pid } of chroma.slice(TARGET.chromaProcesses)) await kill(ports, pid, 'SIGTERM');
}

/** `ps -eo pid,etime,command | grep` */
async function listed(
  { process }: Ports,
  names: readonly string[],
  ownPid: number,
  nowMs: number,
): Promise<Listed[]> {
  const found: Listed[] = [];
  for (const pid of await process.list()) {
    if (pid === ownPid) continue;
    try {
      const { command, startTicks } = await process.info(pid);
      const line = command.join(' ');
      if (names.some((name) => line.includes(name))) found.push({ pid, ageMs: nowMs - startTicks * TICK_MS });
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
  return found;
}

/** By the PID that was listed, whoever bears it by now. */
async function kill({ process }: Ports, pid: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  try {
    await process.kill(pid, signal);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
