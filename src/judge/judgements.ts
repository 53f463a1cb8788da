/**
 * What people want of a daemon that they cannot change, judged by what is seen from outside. The same for simulated and real processes.
 * For example, at the end of a run:
 *
 *   const { wrong, requires } = survivors(1);
 *   wrong(observation)             // '2 processes are left, daemon#1 and daemon#3; expected 1'
 *   requires?.met(observation)     // whether it means something in this run
 */
import { describeEndpoint } from './endpoint.ts';
import type { Endpoint, Observation, SeenProcess } from './observation.ts';

/** One thing that must hold. */
export interface Judgement {
  readonly name: string;
  /** Whether it must hold at any time, or at the end, when faults are over and the system has settled. */
  readonly when: 'always' | 'at the end';
  /** Returns what is wrong, or `null`. */
  readonly wrong: (seen: Observation) => string | null;
  /** What must be seen in some run for it to mean something, asked at the end; `null` if it means something in every run. */
  readonly requires: {
    readonly what: string;
    readonly met: (seen: Observation) => boolean;
  } | null;
  /** Whether it depends on how an owner is known. */
  readonly asksForOwner: boolean;
}

const AN_OWNER = {
  what: 'an owner was seen',
  met: ({ processes }: Observation) => processes.some(({ hasOwned }) => hasOwned),
};

/** There are never two owners. Where a file names the owner there is one at most: there, use {@link survivors}. */
export function oneOwnerAtATime(): Judgement {
  return {
    name: 'at most one process is the owner',
    when: 'always',
    wrong: ({ owners }) => (owners.length < 2 ? null : `${owners.length} owners at once: ${namesOf(owners)}`),
    requires: AN_OWNER,
    asksForOwner: true,
  };
}

/**
 * At the end a number of processes are left, and each of them runs. Fewer, or none, is no violation after a fault if nothing has been
 * started since: see {@link SurvivorsOptions}.
 */
export function survivors(expected: number, options: SurvivorsOptions = {}): Judgement {
  const { program, recoverMs = 0 } = options;
  const whose = program === undefined ? '' : ` of ${program}`;
  return {
    name: `exactly ${expected === 1 ? 'one process is' : `${expected} processes are`} left${whose}`,
    when: 'at the end',
    wrong: (seen) => {
      const left = survivorsIn(seen, options);
      const fewest =
        seen.faults === 0 ? expected : startedAfterFaults(seen, recoverMs) ? Math.min(1, expected) : 0;
      if (left.length > expected || left.length < fewest) {
        const names = left.length === 0 ? '' : `, ${namesOf(left)}`;
        return `${countOf(left)} left${names}; expected ${expected}`;
      }
      const stopped = left.find(({ state }) => state === 'stopped');
      return stopped === undefined ? null : `${stopped.name} is left, and it is stopped`;
    },
    requires: null,
    asksForOwner: false,
  };
}

/** The processes that count as survivors. */
export function survivorsIn(
  seen: Observation,
  { program, countHelpers = true }: SurvivorsOptions = {},
): readonly SeenProcess[] {
  return livingIn(seen).filter(
    (each) =>
      (program === undefined || each.name.startsWith(`${program}#`)) &&
      (countHelpers || !isHelper(each, seen)),
  );
}

/** Which processes count as survivors, and when none is enough. */
export interface SurvivorsOptions {
  /** Counts only processes of this name. Default: all that are judged. */
  readonly program?: string | undefined;
  /**
   * After a fault, none is a violation only if a start began at least so many milliseconds after the faults were over, which a lock
   * with a lease needs. Default: 0.
   */
  readonly recoverMs?: number | undefined;
  /**
   * Whether a process counts that another living one has started, directly or not, or an orphan, see {@link noOrphans}. Real ones have
   * such that come and go, as a shell its `sleep`. Default: true.
   */
  readonly countHelpers?: boolean | undefined;
}

/** At the end the process that a connection reaches is the one that a file names. */
export function answererIsNamed(endpoint: Endpoint, pidFile: string): Judgement {
  const where = describeEndpoint(endpoint);
  return {
    name: `the one who answers is named in ${pidFile}`,
    when: 'at the end',
    wrong: (seen) => {
      const answering = seen.listeningAt(endpoint);
      const named = seen.namedIn(pidFile);
      if (answering.length === 0 || answering.some((each) => each === named?.process)) return null;
      const says =
        named === null
          ? 'does not exist'
          : named.pid === null
            ? 'has no PID'
            : `names PID ${named.pid}, ${describeNamed(named)}`;
      return `${namesOf(answering)} (PID ${answering.map(({ pid }) => pid).join(', ')}) listens on ${where}, and ${pidFile} ${says}`;
    },
    requires: {
      what: `a process listened on ${where} at the end, and ${pidFile} named it`,
      met: (seen) => seen.listeningAt(endpoint).some((each) => each === seen.namedIn(pidFile)?.process),
    },
    asksForOwner: false,
  };
}

/**
 * At the end no process is left that an owner has started and that has outlived it. A process that owns now is no orphan, nor is what
 * it has started.
 */
export function noOrphans(): Judgement {
  return {
    name: 'no orphan of an ended owner is left',
    when: 'at the end',
    wrong: (seen) => {
      for (const process of livingIn(seen)) {
        const owner = endedOwnerAbove(process, seen.owners);
        if (owner !== null)
          return `${process.name} is left; ${owner.name}, which started it, was the owner and has ended`;
      }
      return null;
    },
    requires: {
      what: 'an owner that had started a process ended',
      met: ({ processes }) =>
        processes.some(({ startedBy }) => startedBy?.hasOwned === true && startedBy.state === 'ended'),
    },
    asksForOwner: true,
  };
}

/**
 * At the end no file names a process that has ended by itself or by a signal that it could handle. What SIGKILL leaves is no
 * violation: a process cannot tidy up then.
 */
export function noLeftovers(files: readonly string[]): Judgement {
  const formerOf = (seen: Observation, file: string): SeenProcess | null =>
    seen.namedIn(file)?.former ?? null;
  return {
    name: 'no file of an ended process is left',
    when: 'at the end',
    wrong: (seen) => {
      for (const file of files) {
        const former = formerOf(seen, file);
        if (former === null || former.endedBy === 'SIGKILL') continue;
        return `${file} is left: it names ${former.name} (PID ${former.pid}), which has ended`;
      }
      return null;
    },
    requires: {
      what: 'an owner ended otherwise than by SIGKILL',
      met: ({ processes }) =>
        processes.some(
          ({ state, hasOwned, endedBy }) => hasOwned && state === 'ended' && endedBy !== 'SIGKILL',
        ),
    },
    asksForOwner: true,
  };
}

/**
 * At the end each start has ended, or is or was the owner, or has started it. One that began less than `withinMs` milliseconds before the end does not
 * count, nor does one that is stopped.
 *
 * @param meaningfulMs how long before the end a start must begin for it to mean something, in milliseconds
 */
export function everyStartDecides(withinMs: number, meaningfulMs = withinMs): Judgement {
  const counts = (
    { startedBy, foreign, startedAtMs }: SeenProcess,
    { endsAtMs }: Observation,
    ms = withinMs,
  ): boolean => startedBy === null && !foreign && endsAtMs - startedAtMs >= ms;
  return {
    name: 'each start ends or becomes the owner',
    when: 'at the end',
    wrong: (seen) => {
      const decided = new Set<SeenProcess>();
      for (const each of seen.processes)
        if (each.hasOwned)
          for (let at: SeenProcess | null = each; at !== null; at = at.startedBy) decided.add(at);
      const waiting = seen.processes.find(
        (each) => counts(each, seen) && each.state === 'running' && !decided.has(each),
      );
      if (waiting === undefined) return null;
      const forMs = Math.round(seen.endsAtMs - waiting.startedAtMs);
      return `${waiting.name} has neither ended nor become the owner, ${forMs} ms after its start`;
    },
    requires: {
      what: 'a start began early enough',
      met: (seen) => seen.processes.some((each) => counts(each, seen, meaningfulMs)),
    },
    asksForOwner: true,
  };
}

/**
 * At the end there is an owner, and it runs: a start after the faults recovers what they have left.
 *
 * @param recoverMs how long after the faults a start must begin, in milliseconds, to be expected to recover
 * @param meaningfulMs the same for it to mean something: less where the end comes as soon as it has recovered
 */
export function recovers(recoverMs = 0, meaningfulMs = recoverMs): Judgement {
  return {
    name: 'a new start recovers after the faults',
    when: 'at the end',
    wrong: (seen) => {
      const { owners, faults } = seen;
      if (owners.some(({ state }) => state === 'running')) return null;
      if (faults > 0 && !startedAfterFaults(seen, recoverMs)) return null;
      const [stopped] = owners;
      return stopped === undefined ? 'there is no owner' : `the owner, ${stopped.name}, is stopped`;
    },
    requires: {
      what: 'a fault struck, and a start began after the faults',
      met: (seen) => seen.faults > 0 && startedAfterFaults(seen, meaningfulMs),
    },
    asksForOwner: true,
  };
}

/** At the end an owner that took over from another one is still reached, also when the other one has ended later. */
export function replacedLeavesAlone(): Judgement {
  return {
    name: 'an owner that was replaced takes nothing from its successor',
    when: 'at the end',
    wrong: ({ processes, owners }) => {
      if (owners.length > 0) return null;
      const left = processes.filter(({ hasOwned, state }) => hasOwned && state === 'running');
      return left.length === 0 ? null : `${namesOf(left)} is left, and is not the owner any more`;
    },
    requires: AN_OWNER,
    asksForOwner: true,
  };
}

function startedAfterFaults({ processes, faultsForMs }: Observation, byMs: number): boolean {
  return processes.some(
    ({ startedBy, foreign, startedAtMs }) =>
      startedBy === null && !foreign && startedAtMs >= faultsForMs + byMs,
  );
}

function countOf({ length }: readonly SeenProcess[]): string {
  return length === 0 ? 'no process is' : `${length} ${length === 1 ? 'process is' : 'processes are'}`;
}

function livingIn({ processes }: Observation): readonly SeenProcess[] {
  return processes.filter(({ state, foreign }) => state !== 'ended' && !foreign);
}

function isHelper(process: SeenProcess, { owners }: Observation): boolean {
  for (let at = process.startedBy; at !== null; at = at.startedBy)
    if (at.state !== 'ended' && !at.foreign) return true;
  return endedOwnerAbove(process, owners) !== null;
}

/** The nearest ended owner that has started it, directly or not; `null` if an owner comes first, or is it. */
function endedOwnerAbove(process: SeenProcess, owners: readonly SeenProcess[]): SeenProcess | null {
  for (let at: SeenProcess | null = process; at !== null; at = at.startedBy) {
    if (owners.includes(at)) return null;
    if (at !== process && at.hasOwned && at.state === 'ended') return at;
  }
  return null;
}

function describeNamed({
  process,
  former,
}: {
  readonly process: SeenProcess | null;
  readonly former: SeenProcess | null;
}): string {
  if (process !== null) return process.name;
  return former === null ? 'which is no process of this program' : `${former.name}, which has ended`;
}

function namesOf(processes: readonly SeenProcess[]): string {
  return processes.map(({ name }) => name).join(' and ');
}
