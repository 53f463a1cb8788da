/** `lsof` and `ps`: the tool knows a process by what they print, and by nothing else. */
import type { Ports } from '../../../ports/index.ts';
import { orElse } from '../../vocabulary/index.ts';
import { LIMITS } from '../constants.ts';

/** Null: it could not be started, or has not ended in time. */
type Printed = Promise<string | null>;

export interface Tools {
  /** `lsof -nP -iTCP[@HOST]:PORT -sTCP:LISTEN -t`: the PIDs of those processes that one may look into, one a line, ascending. */
  lsof(ports: Ports, tcpPort: number, host: string | null): Printed;
  /** `ps -o uid=,ppid=,command= -p PID`: one line, or none. */
  ps(ports: Ports, pid: number): Printed;
}

export const TOOLS: Tools = {
  async lsof({ probe }, tcpPort, host) {
    const pids = (await probe.holders(tcpPort))
      .filter((holder) => host === null || holder.host === host)
      .flatMap(({ pid }) => (pid === null ? [] : [pid]))
      .sort((a, b) => a - b);
    return [...new Set(pids)].map((pid) => `${pid}\n`).join('');
  },
  async ps({ process }, pid) {
    const info = await orElse(process.info(pid), null, 'ESRCH');
    return info === null
      ? ''
      : `${`${info.uid}`.padStart(5)} ${`${info.ppid}`.padStart(5)} ${info.command.join(' ')}\n`;
  },
};

/** The same; but each may hang, and is given up in the end, or not: the schedule decides, each time. Marks `lookup-failed`. */
export const FLAKY_TOOLS: Tools = {
  lsof: (ports, ...which) => unlessItHangs(ports, LIMITS.lsofTimeoutMs, () => TOOLS.lsof(ports, ...which)),
  ps: (ports, pid) => unlessItHangs(ports, LIMITS.psTimeoutMs, () => TOOLS.ps(ports, pid)),
};

async function unlessItHangs(ports: Ports, timeoutMs: number, use: () => Printed): Printed {
  // Which of two equal calls is answered first is open.
  const hangs = await Promise.race([false, true].map((which) => ports.clock.monotonicMs().then(() => which)));
  if (!hangs) return use();
  await ports.clock.sleep(timeoutMs);
  ports.mark('lookup-failed');
  return null;
}

/** A process that holds the TCP port, as far as `ps` tells. */
export interface PortHolder {
  readonly pid: number;
  readonly uid: number;
  readonly ppid: number;
  readonly command: string;
}

/** The first line that begins with a PID: of several holders one is seen. */
export function parseFirstPid(text: string): number | null {
  for (const line of text.split('\n')) {
    const pid = Number.parseInt(line.trim(), 10);
    if (Number.isInteger(pid) && pid > 0) return pid;
  }
  return null;
}

/** The first line with anything on it. What an odd `ps` folds onto the next lines is not read. */
export function parsePsLine(pid: number, text: string): PortHolder | null {
  const [line = ''] = text.trim().split('\n', 1);
  const [, uid, ppid, command] = /^\s*(\d+)\s+(\d+)\s+(.+)$/.exec(line) ?? [];
  return command === undefined
    ? null
    : { pid, uid: Number(uid), ppid: Number(ppid), command: command.trim() };
}
