import { hasCode, type Program } from '../ports/index.ts';

/** Of the first process of a run. */
export const FIRST_PID = 1_001;

/**
 * Asks a process to end: `user PID MS…`, so many simulated milliseconds from now, or `never`. Of several words the schedule says
 * which counts, so that one run has one of the moments.
 */
export const quits: Program = async ({ clock, process }, [pid, ...moments]) => {
  const moment = await Promise.race(moments.map((word) => clock.monotonicMs().then(() => word)));
  if (moment === 'never') return;
  // Not even the shortest sleep takes no time.
  if (moment !== '0') await clock.sleep(Number(moment));
  try {
    await process.kill(Number(pid), 'SIGTERM');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
};
