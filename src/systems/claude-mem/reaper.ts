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
 * What a worker does as it begins: ends all of those names that are old enough.
 *
 * @returns whether there were any
 */
export async function reapByNameAndAge(
  ports: Ports,
  fromMs: number = ORPHAN_AGE_MS.before,
): Promise<boolean> {
  const old = (await listed(ports, NAMES)).filter(({ ageMs }) => ageMs >= fromMs);
  for (const { pid } of old) await kill(ports, pid, 'SIGKILL');
  return old.length > 0;
}

/** Since #1085: from five minutes on, and then all chroma-mcp but the two newest. That comes behind an early return. */
export async function reapByNameAgeAndCount(ports: Ports): Promise<void> {
  if (!(await reapByNameAndAge(ports, ORPHAN_AGE_MS.after))) return;
  const chroma = await listed(ports, ['chroma-mcp']);
  chroma.sort((a, b) => a.ageMs - b.ageMs);
  for (const { pid } of chroma.slice(TARGET.chromaProcesses)) await kill(ports, pid, 'SIGTERM');
}

/** `ps -eo pid,etime,command | grep`, without ourselves. */
async function listed({ process, clock }: Ports, names: readonly string[]): Promise<Listed[]> {
  const { pid: own } = await process.self();
  // Since the machine has come up, as start times are.
  const nowMs = await clock.monotonicMs();
  const found: Listed[] = [];
  for (const pid of await process.list()) {
    if (pid === own) continue;
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
