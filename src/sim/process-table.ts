import type { Program } from '../ports/index.ts';
import { SimProcess } from './process.ts';

/** Linux's default for machines of up to 32 cores (/proc/sys/kernel/pid_max). */
const DEFAULT_PID_MAX = 32_768;
/** Linux does not hand out the PIDs below this again after the first round (RESERVED_PIDS). */
const RESERVED_PIDS = 300;

/** As on a machine that has been up for a while. */
const DEFAULT_FIRST_PID = 1_001;

export interface NewProcess {
  name: string;
  uid: number;
  startTicks: number;
  command: readonly string[];
  program: Program | null;
  foreign: boolean;
  parent: SimProcess | null;
  detached: boolean;
  /** A PID that has been freed, to be borne again. Else the next in turn. */
  pid?: number;
}

/** Who exists, by PID; and everybody who ever did, by index. PIDs are handed out in a circle, as Linux does. */
export class ProcessTable {
  readonly #byPid = new Map<number, SimProcess>();
  readonly #all: SimProcess[] = [];
  readonly #names = new Map<string, number>();
  readonly #pidMax: number;
  #lastPid: number;

  constructor({
    firstPid = DEFAULT_FIRST_PID,
    pidMax = DEFAULT_PID_MAX,
  }: { firstPid?: number; pidMax?: number } = {}) {
    this.#pidMax = pidMax;
    this.#lastPid = firstPid - 1;
  }

  add(fields: NewProcess): SimProcess {
    const pid = fields.pid ?? this.#nextPid();
    const count = (this.#names.get(fields.name) ?? 0) + 1;
    this.#names.set(fields.name, count);
    const index = this.#all.length;
    const process = new SimProcess({ ...fields, pid, index, name: `${fields.name}#${count}` });
    this.#byPid.set(pid, process);
    this.#all.push(process);
    if (fields.parent !== null) {
      fields.parent.children ??= [];
      fields.parent.children.push(process);
    }
    return process;
  }

  /** Passes over a name, an index and a PID, as if somebody had borne them. */
  skip(name: string): void {
    this.reap(this.add({ ...NOBODY, name }));
  }

  /** Who bears a PID now, zombies included. */
  get(pid: number): SimProcess | undefined {
    return this.#byPid.get(pid);
  }

  /** Everybody who ever existed, in the order of their start. */
  all(): readonly SimProcess[] {
    return this.#all;
  }

  pids(): number[] {
    return [...this.#byPid.keys()].sort((a, b) => a - b);
  }

  /** Takes an ended process out of the table; its PID is free again. */
  reap(process: SimProcess): void {
    process.state = 'gone';
    const siblings = process.parent?.children;
    if (siblings) siblings.splice(siblings.indexOf(process), 1);
    if (this.#byPid.get(process.pid) === process) this.#byPid.delete(process.pid);
  }

  /**
   * PIDs that nobody bears any more, the latest first. Only those of processes that started before `ticks`: on a real
   * machine the circle of PIDs takes longer than a tick, so PID and start time together stay unique.
   */
  freedPids(ticks: number): number[] {
    const freed = new Set<number>();
    const taken = new Set<number>();
    for (let i = this.#all.length - 1; i >= 0; i--) {
      const { pid, command, startTicks } = this.#all[i]!;
      if (startTicks >= ticks) taken.add(pid);
      else if (!this.#byPid.has(pid) && command.length > 0 && !taken.has(pid)) freed.add(pid);
    }
    return [...freed];
  }

  #nextPid(): number {
    let pid = this.#lastPid;
    do {
      pid = pid >= this.#pidMax ? RESERVED_PIDS : pid + 1;
    } while (this.#byPid.has(pid));
    this.#lastPid = pid;
    return pid;
  }
}

const NOBODY = {
  uid: 0,
  startTicks: 0,
  command: [],
  program: null,
  foreign: true,
  parent: null,
  detached: false,
};
