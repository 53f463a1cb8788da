import { join } from 'node:path';
import { monotonicMs } from '../node/clock.ts';
import { TRACE_VARIABLE } from '../node/index.ts';
import type { ProcessIdentity } from '../ports/index.ts';
import { Processes } from './processes.ts';
import type { Ending, RealProcess } from './real-process.ts';
import { type Judgement, judge } from './trace-checker.ts';
import type { ProcessTrace } from './trace-events.ts';
import { readTrace } from './traces.ts';

const POLL_MS = 25;

export interface RaceOptions {
  /** Program and arguments of each process. The program must write a trace: use `runProgram`. */
  readonly command: readonly string[];
  readonly starts: number;
  /** An existing directory for the traces, named `<name>.jsonl`. */
  readonly traceDirectory: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The program supports {@link StartOptions.leash}: all processes will contend at the same moment. */
  readonly leash?: boolean;
  /** How long it may take until each process owns or has exited, in milliseconds. */
  readonly settleWithinMs: number;
  /** How long a survivor may take to stop when asked, in milliseconds. */
  readonly stopWithinMs: number;
  /** Ends the race early: all processes are ended, and the results so far are returned. */
  readonly signal?: AbortSignal;
  /** Called when each process owns or has exited, while the survivors are running. */
  readonly settled?: (survivors: readonly RealProcess[]) => Promise<void> | void;
}

export interface Racer {
  readonly name: string;
  readonly pid: number;
  /** `null` if it was still running. */
  readonly ending: Ending | null;
  /** The output of a process that has exited, for example why it could not become the owner. */
  readonly said?: string;
}

export interface Race {
  readonly starts: number;
  /** Whether it was ended early, so that the number of survivors is unknown. */
  readonly interrupted: boolean;
  /** After how many milliseconds each process owned or had exited; `null` if not in time. */
  readonly settledMs: number | null;
  /** The processes that were running then. */
  readonly survivors: readonly Racer[];
  /** The processes that had exited by then. */
  readonly left: readonly (Racer & { readonly ending: Ending })[];
  /** How each survivor ended when it was asked to stop; `null` if it did not. */
  readonly stopped: readonly (Racer | null)[];
  /** The judgement of the whole run, including the end of the survivors. */
  readonly judgement: Judgement;
  /** Processes that were still running after all had been asked to stop, such as orphaned children. They were ended. */
  readonly leftBehind: readonly ProcessIdentity[];
}

/** Starts several processes of one command at once, determines the survivors, and ends all of them. */
export async function race(options: RaceOptions): Promise<Race> {
  const { starts, command, env = {}, leash = false, traceDirectory, settleWithinMs, stopWithinMs } = options;
  const processes = new Processes();
  const isInterrupted = (): boolean => options.signal?.aborted ?? false;
  const untilOver = (holds: () => boolean, withinMs: number): Promise<boolean> =>
    until(() => isInterrupted() || holds(), withinMs);
  try {
    for (let number = 1; number <= starts && !isInterrupted(); number++) {
      const name = `daemon#${number}`;
      await processes.start({
        name,
        command,
        leash,
        env: { ...env, [TRACE_VARIABLE]: tracePath(traceDirectory, name) },
      });
    }
    const { started } = processes;
    if (leash)
      await untilOver(
        () => started.every(({ isReady, ending }) => isReady || ending !== null),
        settleWithinMs,
      );
    const startedMs = monotonicMs();
    if (!isInterrupted()) for (const process of started) process.go();
    const settled = await untilOver(() => hasSettled(started, traceDirectory), settleWithinMs);
    const settledMs = settled && !isInterrupted() ? monotonicMs() - startedMs : null;
    const survivors = processes.alive;
    const left = started.filter((process) => !survivors.includes(process));
    const running = survivors.map(({ name, pid }) => ({ name, pid, ending: null }));
    const gone = left.map(({ name, pid, ending, said }) => ({ name, pid, ending: ending!, said }));
    if (!isInterrupted()) {
      await options.settled?.(survivors);
      for (const process of survivors) process.signal('SIGTERM');
      await untilOver(() => processes.alive.length === 0, stopWithinMs);
    }
    const stopped = survivors.map(({ name, pid, ending }) =>
      ending === null ? null : { name, pid, ending },
    );
    const leftBehind = await processes.end();
    const judgement = judge(witnessesOf(started, traceDirectory));
    const interrupted = isInterrupted();
    return { starts, interrupted, settledMs, survivors: running, left: gone, stopped, judgement, leftBehind };
  } finally {
    await processes.end();
  }
}

export function tracePath(traceDirectory: string, name: string): string {
  return join(traceDirectory, `${name}.jsonl`);
}

/** The traces of processes in a directory, for the judge. */
export function witnessesOf(processes: readonly RealProcess[], traceDirectory: string): ProcessTrace[] {
  return processes.map(({ name, pid, startTicks, ending, foreign }) => ({
    name,
    pid,
    startTicks,
    foreign,
    lines: readTrace(tracePath(traceDirectory, name)).lines,
    endedMs: ending?.atMs ?? null,
  }));
}

/** Whether each process has ended or is an owner. */
export function hasSettled(processes: readonly RealProcess[], traceDirectory: string): boolean {
  const running = processes.filter(({ ending }) => ending === null);
  const { owners } = judge(witnessesOf(running, traceDirectory));
  return running.every(({ pid }) => owners.some((owner) => owner.pid === pid));
}

/** Polls a condition. @returns whether it became true in time */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const giveUpAtMs = monotonicMs() + withinMs;
  for (;;) {
    if (await holds()) return true;
    if (monotonicMs() > giveUpAtMs) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
