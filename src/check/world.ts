import type { MarkData, Signal } from '../ports/index.ts';
import { isListener, type MachineObserver, type SimMachine, type SimProcess } from '../sim/index.ts';

/** A process that says it is the owner. */
export interface Claim {
  readonly process: SimProcess;
  /** Its fencing token; null when the system has none. */
  readonly token: number | null;
}

/** A signal that a process of the system under test has sent. */
export interface SentSignal {
  readonly sender: SimProcess;
  readonly target: SimProcess;
  readonly signal: Signal;
  /** The sender could not have hit another process: it named this very one, itself, or an own child. */
  readonly proven: boolean;
}

/** A process that is about to end an owner, as it says by the mark `evict` (`pid`). */
export interface Eviction {
  readonly by: SimProcess;
  readonly of: SimProcess;
  /** For how long the owner has been running without a stop, in simulated milliseconds. 0: it is stopped or has ended. */
  readonly soundForMs: number;
}

/**
 * What invariants look at: a machine, and what its programs have said of themselves by `ports.mark`.
 *
 * Marks with a meaning here: `own` (I am the owner from now on; `token` its fencing token), `act` (I do something that
 * only the owner may), `release` (I am the owner no more). All others are counted for `sometimes`.
 */
export class World implements MachineObserver {
  machine!: SimMachine;
  readonly claims: Claim[] = [];
  /** The highest fencing token that anybody has been granted. */
  highestToken = Number.NEGATIVE_INFINITY;
  /** Who acted as the owner without being it at that moment, and why; null when nobody has. */
  staleAct: string | null = null;
  readonly signals: SentSignal[] = [];
  readonly marks = new Map<string, number>();
  readonly evictions: Eviction[] = [];
  /** When each process was last stopped or continued. */
  readonly #impairedUs = new Map<SimProcess, number>();
  /** Something happened that an invariant may look at. */
  changed = false;

  started(_process: SimProcess): void {
    this.changed = true;
  }

  ended(process: SimProcess): void {
    this.changed = true;
    this.#withdraw(process);
  }

  marked(process: SimProcess, name: string, data: MarkData): void {
    this.changed = true;
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
    if (name === 'own') {
      this.#withdraw(process);
      const token = typeof data.token === 'number' ? data.token : null;
      this.claims.push({ process, token });
      if (token !== null && token > this.highestToken) this.highestToken = token;
    } else if (name === 'release') {
      this.#withdraw(process);
    } else if (name === 'act') {
      this.#checkAct(process);
    } else if (name === 'evict') {
      this.#noteEviction(process, data);
    }
  }

  signalled(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void {
    this.changed = true;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') this.#impairedUs.set(target, this.machine.nowUs);
    if (sender === null || sender.foreign) return;
    const proven = exact || target === sender || isOwnChild(sender, target);
    this.signals.push({ sender, target, signal, proven });
  }

  stepped(_process: SimProcess): void {}

  advanced(_busy: boolean): void {}

  /** Claims that count: a claim with a token is superseded by any higher token. */
  get currentClaims(): readonly Claim[] {
    if (this.claims.length < 2) return this.claims;
    return this.claims.filter(({ token }) => token === null || token >= this.highestToken);
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
    return this.machine.fs.toJSON();
  }

  /** The processes that listen on a TCP port, whatever their state. */
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
    const of = typeof pid === 'number' ? this.machine.table.get(pid) : undefined;
    if (of === undefined) return;
    const sinceUs = this.#impairedUs.get(of);
    const soundForMs =
      sinceUs === undefined ? Number.POSITIVE_INFINITY : (this.machine.nowUs - sinceUs) / 1000;
    this.evictions.push({ by, of, soundForMs: of.state === 'running' ? soundForMs : 0 });
  }

  #checkAct(process: SimProcess): void {
    if (this.currentClaims.some((claim) => claim.process === process)) return;
    const own = this.claims.find((claim) => claim.process === process);
    this.staleAct ??=
      own === undefined
        ? `${process.name} acted as the owner without a claim`
        : `${process.name} acted under token ${own.token} after token ${this.highestToken} was granted`;
  }

  #withdraw(process: SimProcess): void {
    const at = this.claims.findIndex((claim) => claim.process === process);
    if (at >= 0) this.claims.splice(at, 1);
  }
}

/** An own child, or a member of the group that an own child leads: its PID cannot be borne by another until it is reaped. */
function isOwnChild(sender: SimProcess, target: SimProcess): boolean {
  if (target.parent === sender) return true;
  return sender.children?.some((child) => child.pid === target.pgid && child.pgid === child.pid) ?? false;
}
