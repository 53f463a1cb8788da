/** One process of the run, in both worlds: its names there and here, and what it has said. */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { readStat } from '../../node/identity.ts';
import { type Deed, lineOf, type Order, type Outcome } from '../protocol.ts';
import type { StartEvent } from '../script.ts';
import { innerPidOf, pidNamespaceOf, stateNow } from './proc.ts';

/** An open directory: the names that it had when it was opened, and those that its reader has seen. */
export interface OpenedDirectory {
  readonly path: string;
  readonly names: readonly string[];
  readonly seen: Set<string>;
}

export class Member {
  readonly name: string;
  readonly started: StartEvent;
  readonly pid: number;
  /** Its PID in its own namespace. */
  readonly innerPid: number;
  readonly pidNamespace: string | null;
  readonly startTicks: number;
  /** Set if the coordinator is its real parent. */
  child: ChildProcess | null = null;
  socket: Socket | null = null;
  /** What its program has done and was not compared yet. */
  readonly deeds: Deed[] = [];
  readonly outcomes = new Map<number, Outcome>();
  readonly sent = new Set<number>();
  /** How often its program has come to rest. */
  rests = 0;
  /** How many requests its listeners have received. */
  arrivals = 0;
  /** The PID of the child that it was told to start, as it sees it. */
  spawned: number | null = null;
  held = false;
  isHolding = false;
  closed = false;
  reaped = false;
  killed = false;
  /** Operations that are being carried out, and those that are over. */
  readonly performing = new Set<number>();
  readonly performed = new Set<number>();
  /** From its descriptors in the simulation to the real ones. Requests too. */
  readonly fds = new Map<number, number>();
  readonly directories = new Map<number, OpenedDirectory>();
  cwd = '/';

  constructor(started: StartEvent, pid: number) {
    this.name = started.process;
    this.started = started;
    this.pid = pid;
    this.innerPid = innerPidOf(pid);
    this.pidNamespace = pidNamespaceOf(pid);
    this.startTicks = startTicksOf(pid);
  }

  get state(): ReturnType<typeof stateNow> {
    return stateNow(this.pid, this.startTicks);
  }

  send(order: Order): void {
    this.socket?.write(lineOf(order));
  }

  signal(signal: NodeJS.Signals): void {
    if (this.state !== 'gone') process.kill(this.pid, signal);
  }
}

function startTicksOf(pid: number): number {
  try {
    return readStat(pid).startTicks;
  } catch {
    return -1;
  }
}
