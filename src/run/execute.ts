import {
  ambient,
  canDrain,
  catchUncaught,
  drain,
  guardSteps,
  inMacrotask,
  Overrun,
  processorShare,
  resetAfterInterrupt,
  resetDate,
  resetStacks,
  withAmbientGuard,
  withUncaught,
  withWatchdog,
} from '../host/index.ts';
import type { Stop } from './deadline.ts';
import type { Failure } from './failure.ts';
import { hangTimeoutOf, sawEnd, sawHang } from './hang-timeout.ts';

import type { Run } from './run.ts';

/** How long a macrotask may run before progress and Ctrl-C get a turn. */
const SLICE_MS = 50;
/** The clock is read once in this many steps. */
const STEPS_PER_LOOK = 32;

/** Whether runs had to be executed in the slow way. It depends on the version of Node only. */
let isSlow = false;

/** What this version of Node does not allow, if runs have been executed in the slow way. For a report: it could hide a violation. */
export function assumedOfNode(): string[] {
  return isSlow
    ? [
        `programs neither loop for ever after an await nor reach the real machine: Node ${globalThis.process.version} has no process._tickCallback, so runs are slow, and neither is noticed; no process goes on before a synchronous call of another one`,
      ]
    : [];
}

/**
 * Executes the runs that `next` returns, one after the other, as many in a macrotask as fit. Calls `done` for each.
 *
 * Runs synchronously where microtasks can be drained, otherwise with a macrotask for each step.
 *
 * @param hangTimeoutMs real time after which a program that does not yield is interrupted (default: {@link hangTimeoutOf} its scenario)
 * @param stop stops between two slices; an unfinished run is dropped and not passed to `done`
 */
export async function executeAll(
  next: () => Run | null,
  done: Done,
  hangTimeoutMs?: number,
  stop?: Stop,
): Promise<void> {
  isSlow = !(await inMacrotask(canDrain));
  if (isSlow) return executeSlowly(next, done, hangTimeoutMs, stop);
  const executor = new Executor(next, done, hangTimeoutMs);
  while (!stop?.aborted && (await inMacrotask(() => executor.slice()))) {}
}

type Done = (run: Run, failure: Failure | null) => void;

class Executor {
  readonly #next: () => Run | null;
  readonly #done: Done;
  readonly #hangTimeoutMs: number | undefined;
  /** A long run that takes more than one slice. */
  #running: Run | null = null;
  #heldUp = false;

  constructor(next: () => Run | null, done: Done, hangTimeoutMs?: number) {
    this.#next = next;
    this.#done = done;
    this.#hangTimeoutMs = hangTimeoutMs;
  }

  /** Makes as many steps as fit into a slice. `false` if there are no more. */
  slice(): boolean {
    return withUncaught(
      (error, promise) => crashCurrent(this.#running, error, promise),
      () => withAmbientGuard(() => this.#watched()),
    );
  }

  #watched(): boolean {
    this.#running ??= this.#next();
    if (this.#running === null) return false;
    // Not under the watchdog: the first time loads modules of Node, and one that is interrupted meanwhile is broken from then on.
    if (isGuarded(this.#running)) guardSteps();
    const hangTimeoutMs = this.#hangTimeoutMs ?? hangTimeoutOf(this.#running.scenario);
    const end = processorShare.begin();
    try {
      return withWatchdog(processorShare.longer(hangTimeoutMs), () => this.#work());
    } catch (error) {
      ambient.stepping = false;
      const run = this.#running;
      if (!(error instanceof Overrun)) throw error;
      if (run === null) {
        // Between two runs nothing can take so long: the whole process was suspended. That may happen once.
        if (this.#heldUp) throw error;
        this.#heldUp = true;
        resetAfterInterrupt(error);
        return true;
      }
      // The interrupted run is dropped.
      this.#running = null;
      resetAfterInterrupt(error);
      if (this.#hangTimeoutMs === undefined) sawHang(run.scenario);
      this.#done(run, run.overran(hangTimeoutMs));
      return true;
    } finally {
      end();
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

/** Executes one run. `null` if it has not failed, or was stopped early. */
export async function executeOne(run: Run, hangTimeoutMs?: number, stop?: Stop): Promise<Failure | null> {
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
    hangTimeoutMs,
    stop,
  );
  return failure;
}

function isGuarded({ scenario }: Run): boolean {
  return scenario.ambient === 'forbidden';
}

/** `false` if the time is up and the run is not over. */
function runUntil(run: Run, endsAt: number): boolean {
  const guards = isGuarded(run);
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
 * Executes a run with a macrotask for each step, where microtasks cannot be drained. Uncaught errors end their simulated process, and
 * a step that does not return is interrupted. But an endless loop after an `await` cannot be interrupted, and the ambient guard is
 * off, because other work of the real process would trigger it.
 */
export async function executeSlowly(
  next: () => Run | null,
  done: Done,
  hangTimeoutMs?: number,
  stop?: Stop,
): Promise<void> {
  for (let run = next(); run !== null; run = next()) {
    const current = run;
    const waitMs = hangTimeoutMs ?? hangTimeoutOf(current.scenario);
    const restore = catchUncaught((error, promise) => crashCurrent(current, error, promise));
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
      if (hangTimeoutMs === undefined) sawHang(current.scenario);
      current.overran(waitMs);
    } finally {
      restore();
    }
    done(current, current.failure);
  }
}

/** An exception in an operation or a signal handler, for example because of invalid arguments, ends the simulated process. */
function stepOf(run: Run): boolean {
  try {
    return run.step();
  } catch (error) {
    if (run.machine.current === null) throw error;
    crashCurrent(run, error);
    return true;
  }
}

function crashCurrent(run: Run | null, error: unknown, promise?: Promise<unknown>): void {
  const process = run?.machine.current;
  if (process) run!.machine.crash(process, error, promise);
}
