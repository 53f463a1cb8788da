/** Merges the traces of several real processes into one order. */
import type { TraceRecord } from './traces.ts';

/** The trace of a real process. */
export interface ProcessTrace {
  readonly name: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly lines: readonly TraceRecord[];
  /** When its parent observed its end, on CLOCK_MONOTONIC; `null` if it is running. */
  readonly endedMs: number | null;
  /** It does not belong to the system, which must not signal it. */
  readonly foreign?: boolean;
}

/**
 * Lines of two processes that are closer than this may be in the wrong order. What depends on that order is not reported as a violation.
 *
 * The error is small. Linux has one CLOCK_MONOTONIC for all CPUs. The time of a line is read in the call that makes the
 * mark, and the line is on disk before that call returns: `release` before anything is given up, `own` after everything was
 * taken. So a correct handover appears in the right order, with at least one system call of each process in between, which
 * takes longer than the clocks of two CPUs may differ. In doubt no violation is reported: whatever ends a claim,
 * and each act under a claim, counts as this much earlier, as far as the order of its own process allows. Two owners for a shorter
 * time than this are not detected.
 */
export const CLOCK_ERROR_MS = 0.02;

export interface Event {
  /** The time after this correction. */
  readonly atMs: number;
  readonly process: ProcessTrace;
  /** `null` for the event that the process is known to have ended. */
  readonly line: TraceRecord | null;
}

/** All lines of all processes in the order of their times, preserving the order of each process. */
export function eventsOf(traces: readonly ProcessTrace[]): Event[] {
  return traces
    .flatMap((process) => {
      let latestMs = Number.NEGATIVE_INFINITY;
      const event = (atMs: number, line: TraceRecord | null): Event => {
        latestMs = Math.max(latestMs, line !== null && isMark(line, 'own') ? atMs : atMs - CLOCK_ERROR_MS);
        return { atMs: latestMs, process, line };
      };
      const events = process.lines.map((line) => event(line.atMs, line));
      const endMs = knownEndMs(process, traces);
      return endMs === null ? events : [...events, event(endMs, null)];
    })
    .sort((a, b) => a.atMs - b.atMs);
}

/** When the end of a process was first known; `null` if it has not ended. */
function knownEndMs(process: ProcessTrace, traces: readonly ProcessTrace[]): number | null {
  if (process.endedMs === null) return null;
  const aliveMs = process.lines.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  let endMs = process.endedMs;
  for (const { lines } of traces) {
    for (const line of lines) {
      if (line.atMs >= endMs) break;
      if (line.atMs > aliveMs && provesEnd(line, process)) endMs = line.atMs;
    }
  }
  return endMs;
}

/** Whether the result in this line shows that a process no longer exists. */
function provesEnd({ op, args, error, result }: TraceRecord, { pid, startTicks }: ProcessTrace): boolean {
  if (args.pid !== pid) return false;
  if (op === 'kill') return error === 'ESRCH' && (args.startTicks === null || args.startTicks === startTicks);
  if (op === 'wait') return error === undefined;
  if (op !== 'processInfo') return false;
  const info = result as { state?: unknown; startTicks?: unknown } | undefined;
  return (
    error === 'ESRCH' || info?.state === 'zombie' || (info !== undefined && info.startTicks !== startTicks)
  );
}

function isMark({ op, args }: TraceRecord, name: string): boolean {
  return op === 'mark' && args.name === name;
}
