import { join } from 'node:path';
import { monotonicMs } from '../node/clock.ts';
import { TRACE_VARIABLE } from '../node/index.ts';
import type { ProcessIdentity } from '../ports/index.ts';
import { type Ending, Processes, type RealProcess } from './processes.ts';
import { type Judgement, judge, type ProcessTrace } from './trace-checker.ts';
import { readTrace } from './traces.ts';

const POLL_MS = 25;

export interface RaceOptions {
  /** Program and arguments of each process. It must write a trace: run its program by `runProgram`. */
  readonly command: readonly string[];
  readonly starts: number;
  /** An existing directory for the traces, `<name>.jsonl`. */
  readonly traceDirectory: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Its program keeps to what {@link StartOptions.leash} says: all will contend in the same moment. */
  readonly leash?: boolean;
  /** How long all together may take until each owns or has left. */
  readonly settleWithinMs: number;
  /** How long a survivor may take to stop when it is asked. */
  readonly stopWithinMs: number;
  /** Ends the race early: all processes are ended, and what is known by then is returned. */
  readonly signal?: AbortSignal;
  /** Called when all have settled, while the survivors still run. */
  readonly settled?: (survivors: readonly RealProcess[]) => Promise<void> | void;
}

export interface Racer {
  readonly name: string;
  readonly pid: number;
  /** Null: it was running still. */
  readonly ending: Ending | null;
  /** Of one that has left: what it has written, such as why it could not be the owner. */
  readonly said?: string;
}

export interface Race {
  readonly starts: number;
  /** Ended early: how many survive is not known. */
  readonly interrupted: boolean;
  /** Each owned or had left after so long; null: not within the time that it had. */
  readonly settledMs: number | null;
  /** Who was running then. */
  readonly survivors: readonly Racer[];
  /** Who had left by then. */
  readonly left: readonly (Racer & { readonly ending: Ending })[];
  /** How each survivor ended when it was asked to stop. Null: it did not. */
  readonly stopped: readonly (Racer | null)[];
  /** Of the whole run, with the survivors' end. */
  readonly judgement: Judgement;
  /** Who was there still when all had been asked to end: children that nobody had ended. They are gone now. */
  readonly leftBehind: readonly ProcessIdentity[];
}

/** Starts so many processes of one command at once, sees who survives, and ends all. */
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

/** What the judge wants to know of processes that have written their traces there. */
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

/** Each has ended, or is an owner. */
function hasSettled(processes: readonly RealProcess[], traceDirectory: string): boolean {
  const running = processes.filter(({ ending }) => ending === null);
  const { owners } = judge(witnessesOf(running, traceDirectory));
  return running.every(({ pid }) => owners.some((owner) => owner.pid === pid));
}

/** Polls. @returns whether it came true in time */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const giveUpAtMs = monotonicMs() + withinMs;
  for (;;) {
    if (await holds()) return true;
    if (monotonicMs() > giveUpAtMs) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
