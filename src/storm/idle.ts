/** For how long processes have been idle: on a busy machine a start that only waits for a processor looks as if nothing came any more. */
import { readFileSync } from 'node:fs';
import type { Tracked } from './watch.ts';

/** Looks at the first thread of each process. */
export class Idle {
  #sinceMs = 0;
  #busyMs = new Map<Tracked, number>();

  /** Begins anew. @param nowMs as in {@link forMs} */
  begin(processes: readonly Tracked[], nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#busyMs = new Map(processes.map((each) => [each, busyMsOf(each.pid)]));
  }

  /** The time since then, without that in which the busiest of them ran or waited for a processor, in milliseconds. */
  forMs(processes: readonly Tracked[], nowMs: number): number {
    const busy = processes.map((each) => busyMsOf(each.pid) - (this.#busyMs.get(each) ?? 0));
    return nowMs - this.#sinceMs - Math.max(0, ...busy);
  }
}

/** 0 if it has ended, or if this kernel does not count. */
function busyMsOf(pid: number): number {
  try {
    const [ranNs = 0, waitedNs = 0] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ').map(Number);
    return (ranNs + waitedNs) / 1e6;
  } catch {
    return 0;
  }
}
