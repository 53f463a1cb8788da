import type { MarkData, Signal } from '../ports/index.ts';
import {
  isListener,
  type MachineObserver,
  type SimMachine,
  type SimProcess,
  type StateHasher,
} from '../sim/index.ts';
import { type Claim, Claims } from './claims.ts';

/** A signal that a process of the system under test has sent. */
export interface SentSignal {
  readonly sender: SimProcess;
  readonly target: SimProcess;
  readonly signal: Signal;
  /** The sender could not have hit another process: it named this very one, itself, or an own child. */
  readonly proven: boolean;
}

/** A process is about to end another for the sake of ownership, as it says by the mark `evict` (`pid`). */
export interface Eviction {
  readonly by: SimProcess;
  readonly of: SimProcess;
  /** Whether it owns, and does not only contend. */
  readonly owns: boolean;
  /** For how long it has been running without a stop, in simulated milliseconds. 0: it is stopped or has ended. */
  readonly soundForMs: number;
}

/**
 * What invariants look at: a machine, and what its programs have said of themselves by `ports.mark`: see {@link Claims}
 * and {@link Eviction}. All marks are counted, for `sometimes`.
 */
export class World implements MachineObserver {
  machine!: SimMachine;
  #claims = new Claims<SimProcess>();
  readonly signals: SentSignal[] = [];
  readonly marks = new Map<string, number>();
  readonly evictions: Eviction[] = [];
  /** When each process was started, or last stopped or continued. */
  readonly #impairedUs = new Map<SimProcess, number>();
  /** Something happened that an invariant may look at. */
  changed = false;
  /** How many such things have happened. */
  events = 0;
  /** How often somebody has looked at {@link files}. */
  looks = 0;
  /** What invariants keep in mind of this run, each under a key of its own. */
  readonly notes = new Map<unknown, unknown>();
  printed: ((process: SimProcess, stream: 'stdout' | 'stderr', text: string) => void) | null = null;

  started(process: SimProcess): void {
    this.happened();
    this.#impairedUs.set(process, this.machine.nowUs);
  }

  ended(process: SimProcess): void {
    this.happened();
    this.#claims.withdraw(process);
  }

  marked(process: SimProcess, name: string, data: MarkData): void {
    this.happened();
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
    this.#claims.marked(process, name, data);
    if (name === 'evict') this.#noteEviction(process, data);
  }

  signalled(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void {
    this.happened();
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') this.#impairedUs.set(target, this.machine.nowUs);
    if (sender === null || sender.foreign) return;
    const proven = exact || target === sender || isOwnChild(sender, target);
    this.signals.push({ sender, target, signal, proven });
  }

  /** Becomes another world of the same machine, in which the same has happened. */
  copyFrom(other: World): void {
    this.machine = other.machine;
    this.#claims = other.#claims.copy();
    this.signals.push(...other.signals);
    for (const [name, count] of other.marks) this.marks.set(name, count);
    this.evictions.push(...other.evictions);
    for (const [process, atUs] of other.#impairedUs) this.#impairedUs.set(process, atUs);
    this.changed = other.changed;
    this.events = other.events;
    for (const [key, note] of other.notes) this.notes.set(key, note);
  }

  /** Tells what invariants may look at beyond the machine's own state. What processes have marked, their histories tell. */
  digest(digest: StateHasher): void {
    this.#claims.digest(digest);
    for (const { sender, target, signal, proven } of this.signals) {
      digest.number(sender.index);
      digest.number(target.index);
      digest.text(signal);
      digest.boolean(proven);
    }
    for (const { by, of, owns, soundForMs } of this.evictions) {
      digest.number(by.index);
      digest.number(of.index);
      digest.boolean(owns);
      digest.number(soundForMs);
    }
    for (const [process, atUs] of this.#impairedUs) {
      if (!process.alive) continue;
      digest.number(process.index);
      digest.number(atUs);
    }
    for (const name of [...this.marks.keys()].sort()) {
      digest.text(name);
      digest.number(this.marks.get(name)!);
    }
  }

  protected happened(): void {
    this.changed = true;
    this.events++;
  }

  stepped(_process: SimProcess): void {}

  rebooted(): void {}

  advanced(_busy: boolean): void {}

  /** Who owns now. Superseded claims do not count. */
  get currentClaims(): readonly Claim<SimProcess>[] {
    return this.#claims.current;
  }

  /** Who acted as the owner without being it at that moment, and why; null when nobody has. */
  get staleAct(): string | null {
    return this.#claims.staleAct;
  }

  /** How many grants came with a fencing token. */
  get grantedTokens(): number {
    return this.#claims.grantedTokens;
  }

  /** The first grant of a fencing token below one that was granted before, for a reader; null: there was none. */
  get fallenToken(): string | null {
    return this.#claims.fallenToken;
  }

  /** The first grant of a fencing token that had been granted before, for a reader; null: there was none. */
  get repeatedToken(): string | null {
    return this.#claims.repeatedToken;
  }

  /** All processes there ever were, in the order of their start. */
  get processes(): readonly SimProcess[] {
    return this.machine.table.all();
  }

  /** Simulated, since the run began. */
  get nowMs(): number {
    return this.machine.nowUs / 1000;
  }

  /** Files as they are now: path to text; null for an empty directory. */
  files(): Record<string, string | null> {
    this.looks++;
    return this.machine.fs.toJSON();
  }

  /** The processes that listen on a TCP port, of whatever network, whatever their state. */
  listenersOn(tcpPort: number): SimProcess[] {
    return this.processes.filter((process) => {
      for (const description of process.fds.values()) {
        if (!isListener(description)) continue;
        const { address } = description;
        if (address.kind === 'tcp' && address.tcpPort === tcpPort) return true;
      }
      return false;
    });
  }

  #noteEviction(by: SimProcess, { pid }: MarkData): void {
    const of = typeof pid === 'number' ? this.machine.table.get(pid, by.pidNamespace) : undefined;
    if (of === undefined) return;
    const sinceUs = this.#impairedUs.get(of);
    const soundForMs =
      sinceUs === undefined ? Number.POSITIVE_INFINITY : (this.machine.nowUs - sinceUs) / 1000;
    const owns = this.#claims.all.some(({ process }) => process === of);
    this.evictions.push({ by, of, owns, soundForMs: of.state === 'running' ? soundForMs : 0 });
  }
}

/** An own child, or a member of the group that an own child leads: its PID cannot be borne by another until it is reaped. */
function isOwnChild(sender: SimProcess, target: SimProcess): boolean {
  if (target.parent === sender) return true;
  return sender.children?.some((child) => child.pid === target.pgid && child.pgid === child.pid) ?? false;
}
