import { accesses } from '../base/accesses.ts';
import { type Restore, SnapshotCache, saveMap } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import { FIRST_PID_NAMESPACE, type NewProcess, type Slot } from './identity.ts';
import { SimProcess } from './process.ts';

/** Linux's default for machines of up to 32 cores (/proc/sys/kernel/pid_max). */
const DEFAULT_PID_MAX = 32_768;
/** Linux does not hand out the PIDs below this again after the first round (RESERVED_PIDS). */
const RESERVED_PIDS = 300;

/** Real machines allow more; a simulated one gets slow. */
const DEFAULT_MAX_PROCESSES = 512;

/** As on a machine that has been up for a while. */
const DEFAULT_FIRST_PID = 1_001;

/** Cells: all that ever existed; the PIDs in use; the PID that comes next. */
const ALL = 'processes';
const PIDS = 'PIDs';
const NEXT_PID = 'next PID';
/** With a PID: which process has it. */
const PID = 'PID';

/** What a process is looked up by: each PID namespace may have the same PID. */
type Key = number | string;

function keyOf(pid: number, pidNamespace: string): Key {
  return pidNamespace === FIRST_PID_NAMESPACE ? pid : `${pidNamespace} ${pid}`;
}

/**
 * The processes that exist, by PID, and all that ever did. PIDs are handed out in a circle, as Linux does; one circle for all
 * PID namespaces, so that two of them have the same PID only where the scenario says so.
 */
export class ProcessTable {
  readonly #byPid = new Map<Key, SimProcess>();
  readonly #all: SimProcess[] = [];
  readonly #names = new Map<string, number>();
  readonly #reserved = new Set<Key>();
  readonly #pidMax: number;
  readonly #maxProcesses: number;
  readonly #firstPid: number;
  #lastPid: number;
  #nextIndex = 0;
  readonly #versions = new SnapshotCache();

  constructor({
    firstPid = DEFAULT_FIRST_PID,
    pidMax = DEFAULT_PID_MAX,
    maxProcesses = DEFAULT_MAX_PROCESSES,
  }: { firstPid?: number; pidMax?: number; maxProcesses?: number } = {}) {
    this.#pidMax = pidMax;
    this.#maxProcesses = maxProcesses;
    this.#firstPid = firstPid;
    this.#lastPid = firstPid - 1;
  }

  /** Which processes there are and were; each saves its own state. */
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

  /** Which PIDs are in use and which come next. The processes are visited by the machine. */
  visit(into: StateVisitor): void {
    const { cells } = into;
    into.part(cells.of(NEXT_PID));
    into.number(this.#lastPid);
    into.part(cells.of(ALL));
    into.number(this.#nextIndex);
    for (const { index } of this.#all) into.number(index);
    for (const name of [...this.#names.keys()].sort()) {
      into.text(name);
      into.number(this.#names.get(name)!);
    }
    into.part(cells.of(PIDS));
    for (const key of [...this.#byPid.keys()].map(String).sort()) into.text(key);
    for (const key of [...this.#reserved].map(String).sort()) into.text(key);
    for (const [key, { index }] of this.#byPid) {
      into.part(cells.of(`${PID} ${key}`));
      into.number(index);
    }
  }

  /** A PID that a process is to have later, by {@link reserve}: until then it is not handed out. */
  setAside(pid: number, pidNamespace: string): void {
    this.#versions.touch();
    writes(PIDS);
    this.#reserved.add(keyOf(pid, pidNamespace));
  }

  /** With this PID; default: the next in turn. */
  reserve(name: string, pidNamespace: string = FIRST_PID_NAMESPACE, pid?: number): Slot {
    this.#versions.touch();
    const slot = this.#slot(name, pid ?? this.#nextPid(pidNamespace));
    writes(PIDS);
    this.#reserved.add(keyOf(slot.pid, pidNamespace));
    return slot;
  }

  add(fields: NewProcess, parent: SimProcess | null): SimProcess {
    this.#versions.touch();
    const pidNamespace = fields.pidNamespace ?? parent?.pidNamespace ?? FIRST_PID_NAMESPACE;
    const slot = fields.slot ?? this.#slot(fields.name, fields.pid ?? this.#nextPid(pidNamespace));
    const process = new SimProcess(fields, slot, parent);
    const key = keyOf(slot.pid, pidNamespace);
    if (fields.slot !== undefined) this.#reserved.delete(key);
    writes(PID, key);
    writes(PIDS);
    writes(ALL);
    this.#byPid.set(key, process);
    this.#all.push(process);
    return process;
  }

  /** The process that has a PID now, zombies included. */
  get(pid: number, pidNamespace: string = FIRST_PID_NAMESPACE): SimProcess | undefined {
    const key = keyOf(pid, pidNamespace);
    reads(PID, key);
    return this.#byPid.get(key);
  }

  /** Whether no more can be started. Zombies count. */
  get full(): boolean {
    reads(PIDS);
    const size = this.#byPid.size + this.#reserved.size;
    const numbers = this.#pidMax - RESERVED_PIDS;
    if (size >= this.#maxProcesses) return true;
    // A process can keep two numbers in use: its own, and that of its group.
    return size * 2 >= numbers && this.#numbersInUse() >= numbers;
  }

  /** All that ever existed, in the order of their start. */
  all(): readonly SimProcess[] {
    reads(ALL);
    return this.#all;
  }

  /** All that exist now, zombies included. */
  existing(): SimProcess[] {
    reads(PIDS);
    return [...this.#byPid.values()];
  }

  /** After a reboot PIDs begin anew. Those that are reserved stay so. */
  restart(): void {
    this.#versions.touch();
    for (const key of this.#byPid.keys()) writes(PID, key);
    writes(PIDS);
    writes(NEXT_PID);
    this.#byPid.clear();
    this.#lastPid = this.#firstPid - 1;
  }

  pids(pidNamespace: string = FIRST_PID_NAMESPACE): number[] {
    reads(PIDS);
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
    process.changesLocal();
    process.parent?.removeChild(process);
    const key = keyOf(process.pid, process.pidNamespace);
    writes(PID, key);
    writes(PIDS);
    if (this.#byPid.get(key) === process) this.#byPid.delete(key);
  }

  /**
   * PIDs of the machine's own namespace that are free again, the latest first: no process, group or session has the number.
   * Only those of processes that started before `ticks`: on a real machine the PIDs do not wrap around within one tick, so PID
   * and start time together stay unique.
   */
  freedPids(ticks: number): number[] {
    reads(ALL);
    reads(PIDS);
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
    reads(ALL);
    writes(ALL);
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return { index: this.#nextIndex++, name: `${name}#${count}`, pid };
  }

  #nextPid(pidNamespace: string): number {
    reads(NEXT_PID);
    reads(PIDS);
    writes(NEXT_PID);
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
   * Numbers of groups that have a member; as on Linux a zombie is one until it is reaped. Sessions have the same numbers: a
   * process that begins one begins the other, see `detached`.
   */
  #groups(pidNamespace: string): Set<number> {
    const numbers = new Set<number>();
    for (const process of this.#byPid.values()) {
      if (process.pidNamespace === pidNamespace) numbers.add(process.pgid);
    }
    return numbers;
  }
}

/** Of nothing more than `what`, or of one thing by its key. */
function reads(what: string, key?: Key): void {
  if (accesses !== null) accesses.read(accesses.cells.of(key === undefined ? what : `${what} ${key}`));
}

function writes(what: string, key?: Key): void {
  if (accesses !== null) accesses.write(accesses.cells.of(key === undefined ? what : `${what} ${key}`));
}
