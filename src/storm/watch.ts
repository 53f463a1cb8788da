/** The processes of a round: those that were started, and all that they have started, found by a word in their environment. */

import { readFileSync } from 'node:fs';
import type { SeenProcess } from '../judge/index.ts';
import { monotonicMs } from '../node/clock.ts';
import { listPids, type ProcStat, parseCommandLine, readStat, readVariable } from '../node/identity.ts';
import { isTracer } from './delays.ts';
import { MARKER } from './surroundings.ts';

/** A process as it is seen from outside, with what is needed to signal it and to say which it is. */
export interface Tracked extends SeenProcess {
  readonly startTicks: number;
  readonly ppid: number;
  readonly sid: number;
  readonly threads: number;
  state: SeenProcess['state'];
  hasOwned: boolean;
  endedBy: string | null;
  startedBy: Tracked | null;
  /** The words of its command line. */
  command: readonly string[];
  /** Of the kernel: changes when it starts another program. */
  comm: string;
  endedAtMs: number | null;
}

type Event = 'begins' | 'ends';

export interface WatchOptions {
  readonly word: string;
  /** Whether all processes that can be seen belong to the round, but for this one and PID 1. */
  readonly contained: boolean;
  readonly onEvent: (event: Event, process: Tracked) => void;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #began = monotonicMs();
  readonly #known = new Map<string, Tracked | null>();
  readonly #all: Tracked[] = [];
  readonly #children = new Map<Tracked, number>();
  /** They delay the calls of others, and belong to the storm. */
  readonly #tracers: ProcStat[] = [];
  #starts = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Milliseconds since it began to look. */
  get nowMs(): number {
    return monotonicMs() - this.#began;
  }

  /** All since the round began, in the order in which they were seen. */
  get all(): readonly Tracked[] {
    return this.#all;
  }

  get living(): readonly Tracked[] {
    return this.#all.filter(({ state, foreign }) => state !== 'ended' && !foreign);
  }

  get livingTracers(): readonly ProcStat[] {
    return this.#tracers.filter((each) => {
      const now = statOf(each.pid);
      return now !== null && keyOf(now) === keyOf(each) && stateOf(now) !== 'ended';
    });
  }

  /** The number of the next start. */
  get next(): number {
    return this.#starts + 1;
  }

  /** A child of this process, in the turn of the event loop in which it was started. */
  adopt(pid: number, { foreign = false } = {}): Tracked {
    const stat = readStat(pid);
    const name = foreign ? `stranger#${pid}` : `start#${++this.#starts}`;
    return this.#add(stat, name, null, foreign);
  }

  /** A child of this process that does not belong to the round's command, and that it does not see as a stranger either. */
  ignore(pid: number): void {
    this.#known.set(keyOf(readStat(pid)), null);
  }

  /** Looks at the process table. */
  look(): void {
    const seen = new Set<string>();
    for (const pid of listPids()) {
      if (pid === process.pid || (pid === 1 && this.#options.contained)) continue;
      const stat = statOf(pid);
      if (stat === null) continue;
      const key = keyOf(stat);
      seen.add(key);
      const known = this.#known.get(key);
      if (known === undefined) this.#meet(stat);
      else if (known !== null) this.#update(known, stat);
    }
    for (const each of this.#all) if (each.state !== 'ended' && !seen.has(keyOf(each))) this.#end(each);
  }

  /** It has ended, and this is how. */
  ended(tracked: Tracked, signal: string | null): void {
    tracked.endedBy ??= signal;
    this.#end(tracked);
  }

  /** Signals exactly this process, or none. */
  signal(target: Tracked | ProcStat, signal: NodeJS.Signals): boolean {
    const stat = statOf(target.pid);
    if (stat === null || stat.startTicks !== target.startTicks) return false;
    try {
      process.kill(target.pid, signal);
      if (signal === 'SIGKILL' && 'endedBy' in target) target.endedBy ??= signal;
      return true;
    } catch {
      return false;
    }
  }

  #meet(stat: ProcStat): void {
    if (stateOf(stat) === 'ended') return;
    if (stat.ppid === process.pid) {
      this.#known.set(keyOf(stat), null);
      return;
    }
    if (isTracer(commandOf(stat.pid))) {
      this.#known.set(keyOf(stat), null);
      this.#tracers.push(stat);
      return;
    }
    const parent = this.#latest(stat.ppid);
    if (parent?.foreign) {
      this.#known.set(keyOf(stat), null);
      return;
    }
    const isChild = parent !== null && parent.state !== 'ended';
    const mark = isChild ? null : markOf(stat.pid);
    const isOurs = isChild || this.#options.contained || mark?.split(':')[0] === this.#options.word;
    if (!isOurs) {
      // While it executes another program it has no environment: it is looked at again.
      if (mark !== null || !isChanging(stat.pid)) this.#known.set(keyOf(stat), null);
      return;
    }
    const leader = stat.sid === stat.pid ? null : this.#latest(stat.sid);
    const number = Number(mark?.split(':')[1] ?? 0);
    const root = this.#all.find(({ name }) => name === `start#${number}`) ?? null;
    const startedBy = isChild ? parent : leader === null || leader.foreign ? root : leader;
    const top = topOf(startedBy);
    const n = top === null ? 0 : (this.#children.get(top) ?? 0) + 1;
    if (top !== null) this.#children.set(top, n);
    this.#add(stat, top === null ? `process#${stat.pid}` : `${top.name}.${n}`, startedBy, false);
  }

  #add(stat: ProcStat, name: string, startedBy: Tracked | null, foreign: boolean): Tracked {
    const tracked: Tracked = {
      ...{ name, pid: stat.pid, startTicks: stat.startTicks, ppid: stat.ppid, sid: stat.sid },
      ...{ threads: stat.threads, comm: stat.comm, command: commandOf(stat.pid) },
      ...{ state: stateOf(stat), foreign, startedBy, startedAtMs: this.nowMs },
      ...{ endedBy: null, endedAtMs: null, hasOwned: false },
    };
    this.#known.set(keyOf(stat), tracked);
    this.#all.push(tracked);
    this.#options.onEvent('begins', tracked);
    return tracked;
  }

  #update(known: Tracked, stat: ProcStat): void {
    const state = stateOf(stat);
    if (state === 'ended') {
      this.#end(known);
      return;
    }
    known.state = state;
    if (known.comm !== stat.comm || known.command.length === 0) {
      known.comm = stat.comm;
      known.command = commandOf(stat.pid);
    }
    Object.assign(known, { threads: stat.threads, sid: stat.sid, ppid: stat.ppid });
  }

  #end(tracked: Tracked): void {
    if (tracked.state === 'ended') return;
    tracked.state = 'ended';
    tracked.endedAtMs = this.nowMs;
    this.#options.onEvent('ends', tracked);
  }

  /** The latest process that had this PID. */
  #latest(pid: number): Tracked | null {
    return this.#all.findLast((each) => each.pid === pid) ?? null;
  }
}

/** The start that it descends from. */
export function topOf(process: Tracked | null): Tracked | null {
  let at = process;
  while (at !== null && at.startedBy !== null) at = at.startedBy;
  return at;
}

function keyOf({ pid, startTicks }: { readonly pid: number; readonly startTicks: number }): string {
  return `${pid}.${startTicks}`;
}

function statOf(pid: number): ProcStat | null {
  try {
    return readStat(pid);
  } catch {
    return null;
  }
}

/** Empty if it has ended. */
function commandOf(pid: number): string[] {
  try {
    return parseCommandLine(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return [];
  }
}

function markOf(pid: number): string | null {
  try {
    return readVariable(pid, MARKER);
  } catch {
    return null;
  }
}

/** During execve(2) a process has a new memory without arguments. */
function isChanging(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== null && stat.ppid !== 2 && stat.ppid !== 0 && commandOf(pid).length === 0;
}

/** A leader that has ended while its other threads finish still holds its sockets. */
function stateOf({ state, threads }: ProcStat): SeenProcess['state'] {
  if (state === 'T') return 'stopped';
  return (state === 'Z' && threads <= 1) || state === 'X' || state === 'x' ? 'ended' : 'running';
}
