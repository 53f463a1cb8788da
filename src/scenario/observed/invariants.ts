/**
 * Invariants of programs that declare nothing: they are judged by what is seen of their processes, sockets and files. The scenario says
 * with `owner` how an owner is known.
 */
import * as judge from '../../judge/index.ts';
import type { Always, Eventually } from '../invariant.ts';
import { atTheEnd, invariantOf } from './of-judgement.ts';

/**
 * There are never two owners at once, as `owner` of the scenario says how one is known. Where a file names the owner, there is one at
 * most: then use {@link survivors}.
 */
export function oneOwnerAtATime(): Always {
  return invariantOf(judge.oneOwnerAtATime()) as Always;
}

/** Which processes {@link survivors} counts. */
export interface SurvivorOptions {
  /** How many. Default: 1. */
  expect?: number;
  /** Counts only processes of this program. Default: all that are not foreign. */
  program?: string;
  /** How long after the faults a start must begin, in simulated milliseconds, to be expected to recover. Default: 0. */
  recoverMs?: number;
}

/**
 * At the end exactly so many processes are left, and run: by default one. After a fault, fewer is a violation only if none is left although a
 * start began after the faults.
 */
export function survivors({ expect = 1, program, recoverMs }: SurvivorOptions = {}): Eventually {
  if (!Number.isSafeInteger(expect) || expect < 0)
    throw new RangeError(`survivors: expect: got ${expect}: expected a whole number from 0`);
  return atTheEnd(judge.survivors(expect, { program, recoverMs }));
}

/**
 * At the end the process that a connection reaches is the one that the PID file names.
 *
 * @param at where it listens: a TCP port, the path of a Unix socket, or a URL with the port
 */
export function answererIsNamed(at: judge.Endpoint | string, pidFile: string): Eventually {
  const endpoint = typeof at === 'string' ? judge.endpointOf(at) : at;
  if (endpoint === null)
    throw new TypeError(
      `answererIsNamed: got ${JSON.stringify(at)}: expected { tcpPort }, { path } or a URL with a port, such as http://127.0.0.1:7000/health`,
    );
  return atTheEnd(judge.answererIsNamed(endpoint, pidFile));
}

/** At the end no process is left that an owner has started and that has outlived it, unless it belongs to an owner. */
export function noOrphans(): Eventually {
  return atTheEnd(judge.noOrphans());
}

/**
 * At the end none of these files names a process that has ended, unless SIGKILL has ended it.
 *
 * @param files absolute paths
 */
export function noLeftovers(files: readonly string[]): Eventually {
  return atTheEnd(judge.noLeftovers(files));
}

/**
 * At the end each start has ended, or is or was the owner, or has started it.
 *
 * @param options `withinMs`: how long a start may take, in simulated milliseconds; those that began later do not count. Default: 5,000
 */
export function everyStartDecides({ withinMs = 5_000 }: { withinMs?: number } = {}): Eventually {
  if (!(withinMs >= 0))
    throw new RangeError(`everyStartDecides: withinMs: got ${withinMs}: expected milliseconds, 0 or more`);
  return atTheEnd(judge.everyStartDecides(withinMs));
}

/**
 * At the end there is an owner, and it runs. It is exercised by a fault, and a start after the faults: `{ phase: 'settle' }`. Without
 * such a start, no owner after a fault is no violation.
 *
 * @param options `recoverMs`: how long after the faults that start must begin, in simulated milliseconds. Default: 0
 */
export function recovers({ recoverMs = 0 }: { recoverMs?: number } = {}): Eventually {
  return atTheEnd(judge.recovers(recoverMs));
}
