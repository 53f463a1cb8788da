import type { Endpoint, Observation } from '../judge/index.ts';
import type { MarkData, Signal } from '../ports/index.ts';
import {
  accesses,
  type MachineObserver,
  type SimMachine,
  type SimProcess,
  type StateVisitor,
} from '../sim/index.ts';
import { type Claim, Claims } from './claims.ts';
import { type Eviction, Evictions } from './evictions.ts';
import { InvariantState } from './invariant-state.ts';
import { reads, updates, writes } from './logged.ts';
import { loggedMachine } from './logged-machine.ts';
import { Marks } from './marks.ts';
import { RunObservation } from './observed/observation.ts';
import { type RunTimes, SeenRun } from './observed/seen-run.ts';
import { listenersOn, listeningAt, pidInFile } from './observed/sockets-and-files.ts';

/** A signal sent by a process of the system under test. */
export interface SentSignal {
  readonly sender: SimProcess;
  readonly target: SimProcess;
  readonly signal: Signal;
  /** Whether the sender could not have hit another process: it named the exact process, itself, or one of its children. */
  readonly proven: boolean;
}

/** What only the run asks. Invariants do not see it: two states that are the same may differ by it. */
export interface Happenings {
  /** Whether something happened that an invariant may observe. */
  changed: boolean;
  /** How many such things have happened. */
  events: number;
}

/**
 * What invariants observe: a machine, and what its programs have declared with `ports.mark`, see {@link Claims}
 * and {@link Eviction}. All marks are counted, for `sometimes`.
 */
export class World implements MachineObserver {
  #machine!: SimMachine;
  /** The same, while accesses are logged. */
  #loggedMachine: SimMachine | null = null;
  #claims = new Claims<SimProcess>();
  readonly #signals: SentSignal[] = [];
  #marks = new Marks();
  #evictions = new Evictions();
  readonly #happenings: Happenings = { changed: false, events: 0 };
  #invariantState = new InvariantState();
  #ownersIn: ((world: World) => readonly SimProcess[]) | null = null;
  #seen: SeenRun | null = null;
  printed: ((process: SimProcess, stream: 'stdout' | 'stderr', text: string) => void) | null = null;

  get machine(): SimMachine {
    if (accesses === null) return this.#machine;
    this.#loggedMachine ??= loggedMachine(this.#machine);
    return this.#loggedMachine;
  }

  set machine(machine: SimMachine) {
    this.#machine = machine;
  }

  /** Signals that processes of the system have sent, in order. */
  get signals(): readonly SentSignal[] {
    reads(SIGNALS);
    return this.#signals;
  }

  /** By name, how often a program has called `ports.mark`; in the order in which the names were first marked. */
  get marks(): ReadonlyMap<string, number> {
    return this.#marks;
  }

  get evictions(): readonly Eviction[] {
    return this.#evictions.all;
  }

  /** What invariants remember of this run, each under a key of its own. */
  get invariantState(): InvariantState {
    return this.#invariantState;
  }

  /** @deprecated Use {@link World.invariantState}. This name works until version 0.3. */
  get notes(): InvariantState {
    return this.#invariantState;
  }

  started(process: SimProcess): void {
    this.happened();
    this.#seen?.started(process, this.nowMs);
    this.#evictions.impaired(process, this.#machine.nowUs);
  }

  ended(process: SimProcess): void {
    this.happened();
    this.#evictions.ended(process);
    reads(claimOf(process));
    if (this.#claims.all.some((claim) => claim.process === process)) updates(CLAIMS);
    this.#claims.withdraw(process);
  }

  marked(process: SimProcess, name: string, data: MarkData): void {
    this.happened();
    this.#marks.add(name);
    if (name === 'own' || name === 'release') writes(claimOf(process));
    if (name === 'own' || name === 'release' || name === 'act') updates(CLAIMS);
    this.#claims.marked(process, name, data);
    if (name === 'evict') this.#evicts(process, data);
  }

  signalled(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void {
    this.happened();
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') this.#evictions.impaired(target, this.#machine.nowUs);
    if (sender === null || sender.foreign) return;
    const proven = exact || target === sender || isOwnChild(sender, target);
    writes(SIGNALS);
    this.#signals.push({ sender, target, signal, proven });
  }

  /** For runs. */
  static happeningsOf(world: World): Happenings {
    return world.#happenings;
  }

  /** For runs, before the first process starts: how owners are known from outside. */
  static observe(
    world: World,
    ownersIn: ((world: World) => readonly SimProcess[]) | null,
    times: RunTimes,
  ): void {
    world.#ownersIn = ownersIn;
    world.#seen = new SeenRun(times);
  }

  /** For runs, after each step: remembers who owns. */
  static look(world: World): void {
    if (world.#seen === null) return;
    for (const process of world.owners) world.#seen.owns(process);
  }

  /** Copies the state of another world of the same machine. */
  copyFrom(other: World): void {
    this.#machine = other.#machine;
    this.#claims = other.#claims.copy();
    this.#signals.push(...other.#signals);
    this.#marks = other.#marks.copy();
    this.#evictions = other.#evictions.copy();
    Object.assign(this.#happenings, other.#happenings);
    this.#invariantState = other.#invariantState.copy();
    this.#ownersIn = other.#ownersIn;
    this.#seen = other.#seen?.copy() ?? null;
  }

  /** What invariants may look at beyond the machine's own state. */
  visit(into: StateVisitor): void {
    const { cells } = into;
    into.part(cells.of(CLAIMS));
    this.#claims.visit(into);
    into.part(cells.of(SIGNALS));
    for (const { sender, target, signal, proven } of this.#signals) {
      into.number(sender.index);
      into.number(target.index);
      into.text(signal);
      into.boolean(proven);
    }
    this.#evictions.visit(into);
    this.#marks.visit(into);
    this.#invariantState.visit(into);
    this.#seen?.visit(into);
  }

  /** A fault has struck. */
  protected fault(): void {
    this.#seen?.struck();
  }

  protected happened(): void {
    this.#happenings.changed = true;
    this.#happenings.events++;
  }

  stepped(_process: SimProcess): void {}

  rebooted(): void {}

  advanced(_busy: boolean): void {}

  /** The current owners. Superseded claims do not count. */
  get currentClaims(): readonly Claim<SimProcess>[] {
    reads(CLAIMS);
    return this.#claims.current;
  }

  /** Describes the first act by a process that was not the owner; `null` if there was none. */
  get staleAct(): string | null {
    reads(CLAIMS);
    return this.#claims.staleAct;
  }

  /** How many claims had a fencing token. */
  get grantedTokens(): number {
    reads(CLAIMS);
    return this.#claims.grantedTokens;
  }

  /** Describes the first grant of a fencing token below an earlier one; `null` if there was none. */
  get fallenToken(): string | null {
    reads(CLAIMS);
    return this.#claims.fallenToken;
  }

  /** Describes the first grant of a fencing token that was granted before; `null` if there was none. */
  get repeatedToken(): string | null {
    reads(CLAIMS);
    return this.#claims.repeatedToken;
  }

  /** All processes of the run, including those that have ended, in the order of their start. */
  get processes(): readonly SimProcess[] {
    return this.#machine.table.all();
  }

  /** The living processes that own now: as the `owner` of the scenario says, or else by their marks. */
  get owners(): readonly SimProcess[] {
    return this.#ownersIn === null ? this.currentClaims.map(({ process }) => process) : this.#ownersIn(this);
  }

  /** What is seen of the run from outside. */
  get observation(): Observation {
    const seen = this.#seen ?? NOTHING_SEEN;
    return new RunObservation(this.machine, seen, () => this.owners);
  }

  /** Simulated milliseconds since the run began. */
  get nowMs(): number {
    return this.#machine.nowUs / 1000;
  }

  /** The current files: path to content; `null` for an empty directory. */
  files(): Record<string, string | null> {
    return this.#machine.fs.toJSON();
  }

  /** The processes that listen on a TCP port, in any network and any state. */
  listenersOn(tcpPort: number): SimProcess[] {
    return listenersOn(this.#machine, tcpPort);
  }

  /** For each socket that listens there, in any network, the oldest living process that has it open. */
  listeningAt(endpoint: Endpoint): SimProcess[] {
    return listeningAt(this.machine, endpoint);
  }

  /** The process whose PID a file has: as its first number, or in a field `pid`. `null` if there is none. */
  namedIn(file: string): SimProcess | null {
    const pid = pidInFile(this.machine, file);
    return (pid && this.machine.table.get(pid)) || null;
  }

  #evicts(by: SimProcess, { pid }: MarkData): void {
    const of = typeof pid === 'number' ? this.#machine.table.get(pid, by.pidNamespace) : undefined;
    this.#evictions.declared(by, of, this.#machine.nowUs, (process) => {
      reads(CLAIMS);
      return this.#claims.all.some((claim) => claim.process === process);
    });
  }
}

/** A child, or a member of a group led by a child: its PID cannot be reused until it is reaped. */
function isOwnChild(sender: SimProcess, target: SimProcess): boolean {
  if (target.parent === sender) return true;
  return sender.children?.some((child) => child.pid === target.pgid && child.pgid === child.pid) ?? false;
}

/** Of a scenario that does not say how an owner is known. */
const NOTHING_SEEN = new SeenRun({ faultsForMs: 0, endsAtMs: 0 });

/** Cells. */
const CLAIMS = 'claims';
const SIGNALS = 'sent signals';

function claimOf({ index }: SimProcess): string {
  return `claim of ${index}`;
}
