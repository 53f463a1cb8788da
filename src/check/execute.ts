import { canDrain, drain, inMacrotask, Overrun, withRejections, withWatchdog } from '../sim/index.ts';
import type { Failure, Run } from './run.ts';

/** Real time after which a program that does not yield is ended by force. */
export const PATIENCE_MS = 5_000;

/** How many runs share a macrotask is bounded by this much real time, so that progress and Ctrl-C get their turn. */
const SLICE_MS = 50;

/**
 * Executes runs one after the other, as many in a macrotask as fit, until `next` has no more. `done` hears of each.
 *
 * Runs synchronously where microtasks can be drained; else with a macrotask for each step.
 */
export async function executeAll(next: () => Run | null, done: Done): Promise<void> {
  if (!(await inMacrotask(canDrain))) return executeSlowly(next, done);
  while (await inMacrotask(() => slice(next, done))) {}
}

type Done = (run: Run, failure: Failure | null) => void;

/** As many runs as fit into a slice. False: there are no more. */
function slice(next: () => Run | null, done: Done): boolean {
  let running: Run | null = null;
  const work = (): boolean => {
    const endsAt = performance.now() + SLICE_MS;
    do {
      const run = next();
      if (run === null) return false;
      running = run;
      runToEnd(run);
      running = null;
      done(run, run.failure);
    } while (performance.now() < endsAt);
    return true;
  };
  try {
    return withRejections(
      (reason) => crashCurrent(running, reason),
      () => withWatchdog(PATIENCE_MS, work),
    );
  } catch (error) {
    const run = running as Run | null;
    if (!(error instanceof Overrun) || run === null) throw error;
    done(run, run.overran(PATIENCE_MS));
    return true;
  }
}

/** Executes one run. */
export async function executeOne(run: Run): Promise<Failure | null> {
  let pending: Run | null = run;
  let failure: Failure | null = null;
  await executeAll(
    () => {
      const next = pending;
      pending = null;
      return next;
    },
    (_, found) => {
      failure = found;
    },
  );
  return failure;
}

function runToEnd(run: Run): void {
  while (run.step()) {
    drain();
    run.settled();
  }
  run.finish();
}

async function executeSlowly(next: () => Run | null, done: Done): Promise<void> {
  for (let run = next(); run !== null; run = next()) {
    const current = run;
    while (current.step()) {
      await inMacrotask(() => {});
      current.settled();
    }
    current.finish();
    done(current, current.failure);
  }
}

function crashCurrent(run: Run | null, reason: unknown): void {
  const process = run?.machine.current;
  if (process) run!.machine.crash(process, reason);
}
