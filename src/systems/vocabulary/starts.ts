/**
 * Who starts when, in words: `[at(500, 'terminal 100:SIGSTOP'), times(2, 'host'), afterFaults('host')]`. A text is the name of
 * a program and its arguments, with single spaces between them.
 */
import type { Start } from '../../scenario/index.ts';

/** A start, or the words of a process that starts with the run. */
export type Starting = string | Start;

/** PID of the first process that a scenario starts. */
export const FIRST_PID = 1_001;

/** When it started, in clock ticks: a simulated machine has been up for 1,000 s when a run begins. */
export const FIRST_TICKS = 100_000;

export function startOf(starting: Starting): Start {
  if (typeof starting !== 'string') return starting;
  const [program = '', ...argv] = starting.split(' ');
  return argv.length === 0 ? { program } : { program, argv };
}

/** So many simulated milliseconds after the run began. */
export function at(atMs: number, starting: Starting): Start {
  return { ...startOf(starting), atMs };
}

/** Several processes of the same program. */
export function times(count: number, starting: Starting): Start {
  return { ...startOf(starting), count };
}

/** Starts when the faults are over, or so many simulated milliseconds later. */
export function afterFaults(starting: Starting, atMs?: number): Start {
  return { ...startOf(starting), phase: 'settle', ...(atMs !== undefined && { atMs }) };
}

/** A process that does not belong to the system: none of its programs may signal it, and no fault strikes it. */
export function foreign(starting: Starting): Start {
  return { ...startOf(starting), foreign: true };
}

/** A process with a user, a parent, a container or a PID of its own. */
export function start(starting: Starting, differs: Partial<Start>): Start {
  return { ...startOf(starting), ...differs };
}
