/** One process of a simulated machine, and the operations that it has asked for. */
import type { Operation, OperationName, Pending, Reject, Resolve, Signal } from '../../ports/index.ts';
import { accesses } from '../base/accesses.ts';
import { type Restore, saveList, saveMap } from '../base/snapshot.ts';
import type { Fingerprint, StateVisitor } from '../base/state-hasher.ts';
import type { Due } from '../base/timer-heap.ts';
import type { Description } from '../vfs/index.ts';
import type { NewProcess, Slot } from './identity.ts';
import { OperationState } from './operation-state.ts';
import { PROCESS_PART, ProcessRecord } from './process-record.ts';
import type { SharedDescriptions } from './shared-descriptions.ts';

/** Above all descriptors, as in src/node: `close` takes both. */
const FIRST_REQUEST = 2 ** 30;

/** A process, with what only its own operations use. */
export class SimProcess extends ProcessRecord<SimProcess> {
  readonly #fds = new Map<number, Description>();
  readonly pgid: number;
  readonly sid: number;
  cwd = '/';
  umask = 0o022;
  /** How far its view of the wall clock is off: another time zone of containers, a faked clock. */
  wallOffsetMs = 0;
  maxFds = 1024;
  /** It has done something, has ended or was struck: a timeline shows it. */
  acts = false;
  /** What the program leaves outside of the simulation is removed when the process ends. */
  #endings: (() => void)[] | null = null;
  /** What the program does about an uncaught exception, or the rejection of a promise; true: it goes on. */
  uncaught: ((error: unknown, promise?: Promise<unknown>) => boolean) | null = null;
  /** Whether the program is being run again up to where it was: what it prints meanwhile has been printed. */
  isRepeating: (() => boolean) | null = null;
  /** Whether it has asked the machine for anything but the time; `null` if it is no program of Node. */
  asks: boolean | null = null;
  /** Takes a warning of Node, such as that of too many listeners. */
  warn: ((...warning: unknown[]) => void) | null = null;

  /** Operations that could happen now, oldest first. */
  readonly runnable: ParkedOperation[] = [];
  /**
   * A synchronous call before which other processes go on, or the operations of one that waits: until they have happened, the program
   * is in the midst of its code.
   */
  preempted: readonly ParkedOperation[] | null = null;
  /** How many operations it has asked for so far. */
  asked = 0;
  /** The state of its random numbers. */
  randomState: number;
  /** How many inodes it has created. */
  created = 0;
  /** How many requests it has accepted so far. */
  accepted = 0;
  /** How many listening sockets, connections and pipes it has made so far. */
  sockets = 0;
  /** How many operations wait for something (a timer, a request, a signal, a child). */
  waiting = 0;
  /** Accepted and not yet answered, by number. */
  requests: Map<number, Description> | null = null;
  /** Parked `wait` operations of this process. */
  waits: ParkedOperation<'wait'>[] | null = null;

  constructor(fields: NewProcess, slot: Slot, parent: SimProcess | null) {
    super(fields, slot, parent);
    this.randomState = seedOf(slot.index);
    // A group is not seen in another PID namespace.
    const own = fields.detached || parent === null || parent.pidNamespace !== this.pidNamespace;
    this.pgid = own ? slot.pid : parent.pgid;
    this.sid = own ? slot.pid : parent.sid;
  }

  /** Called once, when the process ends in whatever way. */
  onEnd(call: () => void): void {
    this.#endings ??= [];
    this.#endings.push(call);
  }

  override exits(code: number | null, signal: Signal | null): void {
    super.exits(code, signal);
    for (const call of this.#endings?.splice(0) ?? []) call();
    this.runnable.length = 0;
    this.preempted = null;
  }

  /** Its own operations use them; that anything else looks at them is a read of what those change. */
  get fds(): Map<number, Description> {
    this.reads(PROCESS_PART.local);
    return this.#fds;
  }

  /** The operations of which the schedule may choose one. */
  get offered(): readonly ParkedOperation[] {
    const { preempted, runnable } = this;
    if (preempted === null) return runnable;
    return runnable.filter((parked) => preempted.includes(parked));
  }

  /** How many results it waits for. */
  get pending(): number {
    return this.runnable.length + this.waiting + this.signalWaiters;
  }

  /** Gives an accepted request its number. */
  addRequest(request: Description): number {
    this.requests ??= new Map();
    const number = FIRST_REQUEST + this.accepted++;
    this.requests.set(number, request);
    return number;
  }

  /** The next 32 random bits, by a xorshift step: the numbers only have to differ. */
  nextRandom(): number {
    let x = this.randomState;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.randomState = x >>> 0;
    return this.randomState;
  }

  /** A process that is gone does not change any more. */
  override save(): Restore {
    const { cwd, umask, wallOffsetMs, asked, randomState, created, accepted, sockets, waiting } = this;
    const { requests, waits, preempted } = this;
    const parts = [super.save(), saveList(this.runnable), saveMap(this.#fds)];
    for (const description of this.#fds.values()) parts.push(description.save());
    if (requests !== null) {
      parts.push(saveMap(requests));
      for (const request of requests.values()) parts.push(request.save());
    }
    if (waits !== null) parts.push(saveList(waits));
    return () => {
      this.cwd = cwd;
      this.umask = umask;
      this.wallOffsetMs = wallOffsetMs;
      this.asked = asked;
      this.randomState = randomState;
      this.created = created;
      this.accepted = accepted;
      this.sockets = sockets;
      this.waiting = waiting;
      this.requests = requests;
      this.waits = waits;
      this.preempted = preempted;
      for (const restore of parts) restore();
    };
  }

  /**
   * All of its parts. The local one contains what its operations decide by.
   *
   * @param history what its program has learned so far; `null`: not known
   */
  visit(into: StateVisitor, history: Fingerprint | null, descriptions: SharedDescriptions): void {
    const { cells } = into;
    this.visitShared(into);
    into.part(this.cell(cells, PROCESS_PART.local));
    this.#visitIdentity(into);
    if (this.state === 'gone') return;
    this.#visitLocal(into, history, descriptions);
    for (const parked of this.runnable) {
      into.part(this.cell(cells, PROCESS_PART.local));
      parked.visitProgress(into);
    }
    for (const { namelessInode } of this.#fds.values())
      if (namelessInode) descriptions.visitOnce(namelessInode, into);
  }

  /** What does not change, but differs between processes of the same number in different runs. */
  #visitIdentity(into: StateVisitor): void {
    into.text(this.name);
    into.number(this.pid);
    into.number(this.uid);
    into.number(this.startTicks);
    into.boolean(this.foreign);
    into.data([this.pidNamespace, this.network, this.hostname].join());
    for (const [name, value] of Object.entries(this.env)) into.data(`${name}=${value}`);
    into.number(Number(this.subreaper) + 2 * Number(this.reaps) + 4 * Number(this.unawaited));
    into.number(this.pgid);
    into.number(this.sid);
    into.text(this.cwd);
    into.number(this.umask);
    into.number(this.wallOffsetMs);
  }

  #visitLocal(into: StateVisitor, history: Fingerprint | null, descriptions: SharedDescriptions): void {
    into.number(this.waiting);
    if (this.alive) {
      into.number(this.randomState);
      into.number(this.created);
      into.number(this.accepted);
      into.number(this.sockets);
    }
    if (history === null) into.nothing();
    else into.fingerprint(history);
    for (const [fd, description] of this.#fds) {
      into.number(fd);
      if (description.isShared) descriptions.add(description, this.index, fd);
      else description.visit(into);
    }
    for (const [number, request] of this.requests ?? []) {
      into.number(number);
      request.visit(into);
    }
    for (const wait of this.waits ?? []) into.number(wait.ordinal);
    for (const { ordinal } of this.preempted ?? []) into.number(ordinal);
  }
}

/** Different for each process, and never 0, which xorshift would not leave. */
function seedOf(index: number): number {
  return Math.imul(index + 1, 0x9e3779b9) >>> 0 || 1;
}

/** An operation that a process asked for and that has not happened yet. */
export class ParkedOperation<Name extends OperationName = OperationName>
  extends OperationState<Name>
  implements Pending, Due
{
  readonly process: SimProcess;

  constructor(
    process: SimProcess,
    operation: Operation<Name>,
    resolve: Resolve,
    reject: Reject,
    sequence: number,
  ) {
    super(operation, resolve, reject, sequence, process.asked++);
    this.process = process;
  }

  /** Its process has ended, or does not wait for it any more. */
  get isGone(): boolean {
    if (accesses !== null) accesses.read(this.process.cell(accesses.cells, PROCESS_PART.local));
    return this.state === 'settled' || !this.process.alive;
  }

  /** It waits from now on. As in Node, waiting for a signal alone does not keep a process going: it is not counted. */
  wait(): void {
    this.state = 'waiting';
    if (this.operation.op !== 'sigwait') this.process.waiting++;
  }

  /** It need not wait any more; it happens when the scheduler lets it. */
  wake(outcome?: unknown): void {
    if (accesses !== null) accesses.update(this.process.cell(accesses.cells, PROCESS_PART.local));
    if (this.state !== 'waiting') return;
    this.outcome = outcome;
    this.leave();
    this.state = 'runnable';
    this.process.runnable.push(this as unknown as ParkedOperation);
  }

  readonly onlyWakes = true;

  fire(): void {
    this.wake();
  }

  cancel(): void {
    if (this.state === 'waiting') this.leave();
    else if (this.state === 'runnable') {
      const at = this.process.runnable.indexOf(this as unknown as ParkedOperation);
      if (at >= 0) this.process.runnable.splice(at, 1);
    }
    this.state = 'settled';
  }

  /** Which operation could happen now, and what it has come to so far. */
  visitProgress(into: StateVisitor): void {
    this.visit(into);
    into.data(this.outcome);
    into.number(this.timer?.atUs ?? -1);
  }

  /** Which operation it is; not how far it has come. */
  visit(into: StateVisitor): void {
    into.number(this.process.index);
    into.number(this.ordinal);
  }

  protected override leave(): void {
    if (this.operation.op !== 'sigwait') this.process.waiting--;
    super.leave();
  }
}
