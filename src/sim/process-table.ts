import type { Program } from '../ports/index.ts';
import { SimProcess } from './process.ts';

/** Linux's default for machines of up to 32 cores (/proc/sys/kernel/pid_max). */
const DEFAULT_PID_MAX = 32_768;
/** Linux does not hand out the PIDs below this again after the first round (RESERVED_PIDS). */
const RESERVED_PIDS = 300;

/** Real machines allow more; a simulated one would be too slow by then to be of use. */
const MAX_PROCESSES = 512;

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
  pidNamespace?: string | undefined;
  subreaper?: boolean | undefined;
  /** Reserved for it before. */
  slot?: Slot | undefined;
  /** A PID that has been freed, to be borne again. Else the next in turn. */
  pid?: number | undefined;
}

/** A name, a number and a PID for a process that may start later: so they do not depend on who else starts. */
export interface Slot {
  readonly index: number;
  readonly name: string;
  readonly pid: number;
}

/** Who exists, by PID; and everybody who ever did. PIDs are handed out in a circle, as Linux does. */
export class ProcessTable {
  readonly #byPid = new Map<number, SimProcess>();
  readonly #all: SimProcess[] = [];
  readonly #names = new Map<string, number>();
  readonly #reserved = new Set<number>();
  readonly #pidMax: number;
  readonly #firstPid: number;
  #lastPid: number;
  #nextIndex = 0;

  constructor({
    firstPid = DEFAULT_FIRST_PID,
    pidMax = DEFAULT_PID_MAX,
  }: { firstPid?: number; pidMax?: number } = {}) {
    this.#pidMax = pidMax;
    this.#firstPid = firstPid;
    this.#lastPid = firstPid - 1;
  }

  reserve(name: string): Slot {
    const slot = this.#slot(name, this.#nextPid());
    this.#reserved.add(slot.pid);
    return slot;
  }

  add(fields: NewProcess): SimProcess {
    const slot = fields.slot ?? this.#slot(fields.name, fields.pid ?? this.#nextPid());
    const process = new SimProcess(fields, slot);
    if (fields.slot !== undefined) this.#reserved.delete(slot.pid);
    this.#byPid.set(slot.pid, process);
    this.#all.push(process);
    if (fields.parent !== null) {
      fields.parent.children ??= [];
      fields.parent.children.push(process);
    }
    return process;
  }

  /** Who bears a PID now, zombies included. */
  get(pid: number): SimProcess | undefined {
    return this.#byPid.get(pid);
  }

  /** Whether no more can be started. Zombies count. */
  get full(): boolean {
    const size = this.#byPid.size + this.#reserved.size;
    return size >= MAX_PROCESSES || size >= this.#pidMax - RESERVED_PIDS;
  }

  /** Everybody who ever existed, in the order of their start. */
  all(): readonly SimProcess[] {
    return this.#all;
  }

  /** Everybody who exists now, zombies included. */
  everybody(): SimProcess[] {
    return [...this.#byPid.values()];
  }

  /** After a reboot PIDs begin anew. Those that are reserved stay so. */
  restart(): void {
    this.#byPid.clear();
    this.#lastPid = this.#firstPid - 1;
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
      const { pid, startTicks } = this.#all[i]!;
      if (startTicks >= ticks) taken.add(pid);
      else if (!this.#byPid.has(pid) && !taken.has(pid)) freed.add(pid);
    }
    return [...freed];
  }

  #slot(name: string, pid: number): Slot {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return { index: this.#nextIndex++, name: `${name}#${count}`, pid };
  }

  #nextPid(): number {
    let pid = this.#lastPid;
    do {
      pid = pid >= this.#pidMax ? RESERVED_PIDS : pid + 1;
    } while (this.#byPid.has(pid) || this.#reserved.has(pid));
    this.#lastPid = pid;
    return pid;
  }
}
