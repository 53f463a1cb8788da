import type { Program } from '../../ports/index.ts';
import type { StateHasher } from './digest.ts';
import { FIRST_PID_NAMESPACE, SimProcess } from './process.ts';
import { type Restore, SnapshotCache, saveMap } from './snapshot.ts';

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
  hostname?: string | undefined;
  network?: string | undefined;
  subreaper?: boolean | undefined;
  reaps?: boolean | undefined;
  unawaited?: boolean | undefined;
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

/** What a process is looked up by: the same PID may be borne in each PID namespace. */
type Key = number | string;

function keyOf(pid: number, pidNamespace: string): Key {
  return pidNamespace === FIRST_PID_NAMESPACE ? pid : `${pidNamespace} ${pid}`;
}

/**
 * Who exists, by PID; and everybody who ever did. PIDs are handed out in a circle, as Linux does; one circle for all PID
 * namespaces, so that the same PID in two of them is borne only where the script says so.
 */
export class ProcessTable {
  readonly #byPid = new Map<Key, SimProcess>();
  readonly #all: SimProcess[] = [];
  readonly #names = new Map<string, number>();
  readonly #reserved = new Set<Key>();
  readonly #pidMax: number;
  readonly #firstPid: number;
  #lastPid: number;
  #nextIndex = 0;
  readonly #versions = new SnapshotCache();

  constructor({
    firstPid = DEFAULT_FIRST_PID,
    pidMax = DEFAULT_PID_MAX,
  }: { firstPid?: number; pidMax?: number } = {}) {
    this.#pidMax = pidMax;
    this.#firstPid = firstPid;
    this.#lastPid = firstPid - 1;
  }

  /** Who there is and was; what has become of them is theirs to save. */
  save(): Restore {
    return this.#versions.save(() => {
      const { length } = this.#all;
      const lastPid = this.#lastPid;
      const nextIndex = this.#nextIndex;
      const restoreByPid = saveMap(this.#byPid);
      const restoreNames = saveMap(this.#names);
      const reserved = [...this.#reserved];
      return () => {
        this.#all.length = length;
        this.#lastPid = lastPid;
        this.#nextIndex = nextIndex;
        restoreByPid();
        restoreNames();
        this.#reserved.clear();
        for (const key of reserved) this.#reserved.add(key);
      };
    });
  }

  /** Tells which PIDs come next. Who exists is told by whoever asks. */
  digest(digest: StateHasher): void {
    digest.number(this.#lastPid);
    digest.number(this.#nextIndex);
  }

  /** A PID that a process is to have later, by {@link reserve}: until then none is given it. */
  setAside(pid: number, pidNamespace: string): void {
    this.#versions.touch();
    this.#reserved.add(keyOf(pid, pidNamespace));
  }

  /** Of the PID said, or of the next in turn. */
  reserve(name: string, pidNamespace: string = FIRST_PID_NAMESPACE, pid?: number): Slot {
    this.#versions.touch();
    const slot = this.#slot(name, pid ?? this.#nextPid(pidNamespace));
    this.#reserved.add(keyOf(slot.pid, pidNamespace));
    return slot;
  }

  add(fields: NewProcess): SimProcess {
    this.#versions.touch();
    const pidNamespace = fields.pidNamespace ?? fields.parent?.pidNamespace ?? FIRST_PID_NAMESPACE;
    const slot = fields.slot ?? this.#slot(fields.name, fields.pid ?? this.#nextPid(pidNamespace));
    const process = new SimProcess(fields, slot);
    const key = keyOf(slot.pid, pidNamespace);
    if (fields.slot !== undefined) this.#reserved.delete(key);
    this.#byPid.set(key, process);
    this.#all.push(process);
    if (fields.parent !== null) {
      fields.parent.children ??= [];
      fields.parent.children.push(process);
    }
    return process;
  }

  /** Who bears a PID now, zombies included. */
  get(pid: number, pidNamespace: string = FIRST_PID_NAMESPACE): SimProcess | undefined {
    return this.#byPid.get(keyOf(pid, pidNamespace));
  }

  /** Whether no more can be started. Zombies count. */
  get full(): boolean {
    const size = this.#byPid.size + this.#reserved.size;
    const numbers = this.#pidMax - RESERVED_PIDS;
    if (size >= MAX_PROCESSES) return true;
    // A process can keep two numbers in use: its own, and that of its group.
    return size * 2 >= numbers && this.#numbersInUse() >= numbers;
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
    this.#versions.touch();
    this.#byPid.clear();
    this.#lastPid = this.#firstPid - 1;
  }

  pids(pidNamespace: string = FIRST_PID_NAMESPACE): number[] {
    const pids: number[] = [];
    for (const process of this.#byPid.values()) {
      if (process.pidNamespace === pidNamespace) pids.push(process.pid);
    }
    return pids.sort((a, b) => a - b);
  }

  /** Takes an ended process out of the table; its PID is free again, unless it is also the number of a group or session. */
  reap(process: SimProcess): void {
    this.#versions.touch();
    process.state = 'gone';
    const siblings = process.parent?.children;
    if (siblings) siblings.splice(siblings.indexOf(process), 1);
    const key = keyOf(process.pid, process.pidNamespace);
    if (this.#byPid.get(key) === process) this.#byPid.delete(key);
  }

  /**
   * PIDs of the machine's own namespace that are free again, the latest first: no process, group or session has the number.
   * Only those of processes that started before `ticks`: on a real machine the PIDs do not wrap around within one tick, so PID
   * and start time together stay unique.
   */
  freedPids(ticks: number): number[] {
    const freed = new Set<number>();
    const taken = this.#groups(FIRST_PID_NAMESPACE);
    for (let i = this.#all.length - 1; i >= 0; i--) {
      const { pid, startTicks, pidNamespace } = this.#all[i]!;
      if (pidNamespace !== FIRST_PID_NAMESPACE) continue;
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

  #nextPid(pidNamespace: string): number {
    let pid = this.#lastPid;
    do {
      pid = pid >= this.#pidMax ? RESERVED_PIDS : pid + 1;
    } while (this.#isTaken(keyOf(pid, pidNamespace)) || this.#isGroup(pid, pidNamespace));
    this.#lastPid = pid;
    return pid;
  }

  #numbersInUse(): number {
    const numbers = new Set<number>();
    for (const { pid, pgid } of this.#byPid.values()) numbers.add(pid).add(pgid);
    return numbers.size + this.#reserved.size;
  }

  #isTaken(key: Key): boolean {
    return this.#byPid.has(key) || this.#reserved.has(key);
  }

  /** Nearly always the first number in turn is free: to look at it costs less than to gather all groups. */
  #isGroup(pid: number, pidNamespace: string): boolean {
    for (const process of this.#byPid.values()) {
      if (process.pgid === pid && process.pidNamespace === pidNamespace) return true;
    }
    return false;
  }

  /**
   * Numbers of groups that have a member; as on Linux a zombie is one until it is reaped. Sessions have the same numbers: who
   * begins one begins the other, see `detached`.
   */
  #groups(pidNamespace: string): Set<number> {
    const numbers = new Set<number>();
    for (const process of this.#byPid.values()) {
      if (process.pidNamespace === pidNamespace) numbers.add(process.pgid);
    }
    return numbers;
  }
}
