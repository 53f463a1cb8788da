import type { Clocks } from '../records/clocks.ts';
import type { SimProcess } from '../records/process.ts';

/** A clock as a process sees it, in milliseconds. */
export function readClock(clocks: Clocks, process: SimProcess, which: 'wall' | 'monotonic'): number {
  return which === 'wall' ? clocks.wallMs() + process.wallOffsetMs : clocks.monotonicMs();
}
