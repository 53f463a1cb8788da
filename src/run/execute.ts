import {
  ambient,
  canDrain,
  catchUncaught,
  drain,
  guardSteps,
  inMacrotask,
  Overrun,
  resetAfterInterrupt,
  resetDate,
  resetStacks,
  withAmbientGuard,
  withUncaught,
  withWatchdog,
} from '../host/index.ts';
import type { Stop } from './deadline.ts';
import type { Failure } from './failure.ts';
import { patienceOf, sawEnd, sawHang } from './hang-timeout.ts';
import type { Run } from './run.ts';

/** Runs share a macrotask of about this much real time, so that progress and Ctrl-C get their turn. */
const SLICE_MS = 50;
/** The clock is looked at once in so many steps. */
const STEPS_PER_LOOK = 32;

/**
 * Executes runs one after the other, as many in a macrotask as fit, until `next` has no more. `done` hears of each.
 *
 * Runs synchronously where microtasks can be drained; else with a macrotask for each step.
 *
 * @param patienceMs real time after which a program that does not yield is ended by force (default: {@link patienceOf} its scenario)
 * @param stop ends it between two slices: a run that is not over by then is dropped, and `done` does not hear of it
 */
export async function executeAll(
  next: () => Run | null,
  done: Done,
  patienceMs?: number,
  stop?: Stop,
): Promise<void> {
  if (!(await inMacrotask(canDrain))) return executeSlowly(next, done, patienceMs, stop);
  const executor = new Executor(next, done, patienceMs);
  while (!stop?.aborted && (await inMacrotask(() => executor.slice()))) {}
}

type Done = (run: Run, failure: Failure | null) => void;

class Executor {
  readonly #next: () => Run | null;
  readonly #done: Done;
  readonly #patienceMs: number | undefined;
  /** A long run takes more than one slice. */
  #running: Run | null = null;
  #heldUp = false;

  constructor(next: () => Run | null, done: Done, patienceMs?: number) {
    this.#next = next;
    this.#done = done;
    this.#patienceMs = patienceMs;
  }

  /** As many steps as fit into a slice. False: there are no more. */
  slice(): boolean {
    return withUncaught(
      (error) => crashCurrent(this.#running, error),
      () => withAmbientGuard(() => this.#watched()),
    );
  }

  #watched(): boolean {
    this.#running ??= this.#next();
    if (this.#running === null) return false;
    const patienceMs = this.#patienceMs ?? patienceOf(this.#running.scenario);
    try {
      return withWatchdog(patienceMs, () => this.#work());
    } catch (error) {
      ambient.stepping = false;
      const run = this.#running;
      if (!(error instanceof Overrun)) throw error;
      if (run === null) {
        // Between two runs there is nothing to wait for: the whole process was held up. Once is no reason to give up.
        if (this.#heldUp) throw error;
        this.#heldUp = true;
        resetAfterInterrupt(error);
        return true;
      }
      // What it has left behind is nobody's.
      this.#running = null;
      resetAfterInterrupt(error);
      if (this.#patienceMs === undefined) sawHang(run.scenario);
      this.#done(run, run.overran(patienceMs));
      return true;
    }
  }

  #work(): boolean {
    const endsAt = performance.now() + SLICE_MS;
    do {
      this.#running ??= this.#next();
      const run = this.#running;
      if (run === null) return false;
      if (!runUntil(run, endsAt)) return true;
      run.finish();
      resetStacks();
      resetDate();
      this.#running = null;
      this.#heldUp = false;
      sawEnd(run.scenario);
      this.#done(run, run.failure);
    } while (performance.now() < endsAt);
    return true;
  }
}

/** Executes one run. Null: it has not failed, or was ended early. */
export async function executeOne(run: Run, patienceMs?: number, stop?: Stop): Promise<Failure | null> {
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
    patienceMs,
    stop,
  );
  return failure;
}

/** False: the time is up, and the run is not over. */
function runUntil(run: Run, endsAt: number): boolean {
  const guards = run.scenario.ambient === 'forbidden';
  if (guards) guardSteps();
  ambient.host = run;
  ambient.armed = guards;
  for (;;) {
    for (let i = 0; i < STEPS_PER_LOOK; i++) {
      ambient.stepping = guards;
      const goesOn = stepOf(run);
      if (goesOn && run.drains) drain();
      ambient.stepping = false;
      if (!goesOn) return true;
      run.settled();
    }
    if (performance.now() >= endsAt) return false;
  }
}

/**
 * With a macrotask for each step, where microtasks cannot be drained. Stray errors end their process, and a step that does
 * not return is ended by force; but an endless loop after an `await` is out of reach, and the ambient guard is off: what
 * else this process does meanwhile would run into it.
 */
export async function executeSlowly(
  next: () => Run | null,
  done: Done,
  patienceMs?: number,
  stop?: Stop,
): Promise<void> {
  for (let run = next(); run !== null; run = next()) {
    const current = run;
    const waitMs = patienceMs ?? patienceOf(current.scenario);
    const restore = catchUncaught((error) => crashCurrent(current, error));
    try {
      while (withWatchdog(waitMs, () => stepOf(current))) {
        await inMacrotask(() => {});
        if (stop?.aborted) return;
        withWatchdog(waitMs, () => current.settled());
      }
      withWatchdog(waitMs, () => current.finish());
      sawEnd(current.scenario);
    } catch (error) {
      if (!(error instanceof Overrun)) throw error;
      if (patienceMs === undefined) sawHang(current.scenario);
      current.overran(waitMs);
    } finally {
      restore();
    }
    done(current, current.failure);
  }
}

/** What an operation or a signal handler throws is the end of its process: nonsense for arguments, for example. */
function stepOf(run: Run): boolean {
  try {
    return run.step();
  } catch (error) {
    if (run.machine.current === null) throw error;
    crashCurrent(run, error);
    return true;
  }
}

function crashCurrent(run: Run | null, error: unknown): void {
  const process = run?.machine.current;
  if (process) run!.machine.crash(process, error);
}
