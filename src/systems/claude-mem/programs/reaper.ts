/** The reapers of a worker, which end processes by name, age and count. */
import type { Ports } from '../../../ports/index.ts';
import { MS_PER_TICK, orElse, signal } from '../../vocabulary/index.ts';
import { ORPHAN_AGE_MS, TARGET } from '../constants.ts';

/** Words of a command line that `grep` looks for, in any process. */
const NAMES = ['chroma-mcp', 'worker'] as const;

interface Listed {
  readonly pid: number;
  readonly ageMs: number;
}

/** What a worker does as it begins: ends all of those names that are old enough. @returns whether there were any */
export async function reapByNameAndAge(
  ports: Ports,
  fromMs: number = ORPHAN_AGE_MS.before,
): Promise<boolean> {
  const old = (await listed(ports, NAMES)).filter(({ ageMs }) => ageMs >= fromMs);
  // The PID that was listed may have another process by now.
  for (const { pid } of old) await signal(ports, pid, 'SIGKILL');
  return old.length > 0;
}

/** Since #1085: from five minutes on, and then all chroma-mcp but the two newest. That comes behind an early return. */
export async function reapByNameAgeAndCount(ports: Ports): Promise<void> {
  if (!(await reapByNameAndAge(ports, ORPHAN_AGE_MS.after))) return;
  const chroma = await listed(ports, ['chroma-mcp']);
  chroma.sort((a, b) => a.ageMs - b.ageMs);
  for (const { pid } of chroma.slice(TARGET.chromaProcesses)) await signal(ports, pid, 'SIGTERM');
}

/** Since #1085 on Windows: by age only, since a list of processes by name and age is all that PowerShell is asked for there. */
export function reapOnWindows(ports: Ports): Promise<boolean> {
  return reapByNameAndAge(ports, ORPHAN_AGE_MS.after);
}

/** `ps -eo pid,etime,command | grep`, without ourselves. */
async function listed({ process, clock }: Ports, names: readonly string[]): Promise<Listed[]> {
  const { pid: own } = await process.self();
  // Since the machine has come up, as start times are.
  const nowMs = await clock.monotonicMs();
  const found: Listed[] = [];
  for (const pid of await process.list()) {
    const info = pid === own ? null : await orElse(process.info(pid), null);
    const line = info?.command.join(' ') ?? '';
    if (info !== null && names.some((name) => line.includes(name)))
      found.push({ pid, ageMs: nowMs - info.startTicks * MS_PER_TICK });
  }
  return found;
}
