/**
 * A real process that follows a recorded schedule: its program asks for each operation, and waits until the coordinator lets it carry the
 * operation out for real. Then it gets the simulated result, which the coordinator has compared with the real one.
 */
import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { fileOperationNow } from '../../node/files-now.ts';
import { hostOf, selfOf } from '../../node/host.ts';
import { NodeMachine } from '../../node/index.ts';
import { toSystemError } from '../../node/reply.ts';
import { kill } from '../../node/signals.ts';
import { ignore } from '../../ports/ignore.ts';
import {
  type Immediate,
  type Machine,
  type Operation,
  type Pending,
  type Program,
  portsOf,
  type Reject,
  type Resolve,
  SystemError,
} from '../../ports/index.ts';
import { nameAndMessageOf } from '../../ports/message-of.ts';
import type { Assignment, Deed, Order, Outcome } from '../protocol.ts';
import { plain } from '../script.ts';
import { Channel } from './channel.ts';
import { EagerListeners } from './eager-listeners.ts';
import { type StandIn, standInFor } from './stand-in.ts';

/** As the simulation has it. */
const UMASK = 0o022;

/** An operation that the program waits for. */
interface Asked {
  readonly operation: Operation;
  readonly resolve: Resolve;
  readonly reject: Reject;
  /** It is being carried out. */
  real: Pending | null;
}

/**
 * @param programs those of the scenario
 * @param entry the file that starts such a process
 * @param words the name of the program, and its arguments
 */
export async function followSchedule(
  { control }: Assignment,
  programs: ReadonlyMap<string, Program>,
  entry: string,
  [word = '', ...argv]: readonly string[],
): Promise<void> {
  process.umask(UMASK);
  const follower = new Follower(programs, entry);
  const channel = await Channel.open(control, (order) => follower.obey(order));
  follower.join(channel, (standIn) => programs.get(word)!(portsOf(follower.machine, standIn), argv));
}

class Follower {
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #entry: string;
  readonly #real: NodeMachine;
  readonly #listeners: EagerListeners;
  readonly #asked = new Map<number, Asked>();
  /** Requests that are being sent, by the operation with real names. */
  readonly #sending = new Map<Operation, number>();
  #channel!: Channel;
  #begin!: (standIn: StandIn) => ReturnType<Program>;
  #standIn: StandIn | null = null;
  #deeds: Deed[] = [];
  #isComingToRest = false;
  /** 0 is the beginning of the program. */
  #next = 1;

  constructor(programs: ReadonlyMap<string, Program>, entry: string) {
    this.#programs = programs;
    this.#entry = entry;
    const words = [...programs.keys()].map((word) => [word, [process.execPath, entry, word]] as const);
    this.#real = new NodeMachine({
      ...{ stdout: 'ignore', stderr: 'ignore', programs: Object.fromEntries(words) },
      onSent: (operation) => {
        const ordinal = this.#sending.get(operation);
        if (ordinal !== undefined) this.#channel.send({ kind: 'sent', ordinal });
      },
    });
    this.#listeners = new EagerListeners(this.#real, () => this.#channel.send({ kind: 'arrival' }));
  }

  join(channel: Channel, begin: (standIn: StandIn) => ReturnType<Program>): void {
    this.#channel = channel;
    this.#begin = begin;
    process.on('uncaughtException', (error) => this.#crash(error));
    process.on('unhandledRejection', (error, promise) => this.#crash(error, promise));
    channel.send({ kind: 'hello', pid: process.pid, pidNamespace: readlinkSync('/proc/self/ns/pid') });
  }

  /** For programs that call synchronously. */
  readonly #immediate: Immediate = {
    executeNow: (_, operation) => this.#executeNow(operation),
    // Others go on while this process waits for its turn.
    preempts: () => false,
    executeApart: (_, { op }) => {
      throw new Error(`${op}: a process that follows a schedule waits for one operation at a time`);
    },
    crashes: (_, error) => this.#crash(error),
    departs: (_, message) => this.#crash(new Error(message)),
    readClock: (_, which) => this.#look(which) as number,
    randomHex: (_, bytes) => this.#look(`random ${bytes}`) as string,
  };

  /** The machine as its program sees it. */
  readonly machine: Machine = {
    immediate: this.#immediate,
    execute: (_, operation, resolve, reject) => {
      const ordinal = this.#next++;
      if (operation.op === 'mark') {
        this.#deeds.push({ kind: 'mark', name: operation.name, data: plain(operation.data) });
        resolve(undefined);
        return { cancel: ignore };
      }
      const asked: Asked = { operation, resolve, reject, real: null };
      this.#asked.set(ordinal, asked);
      this.#deeds.push({ kind: 'ask', ordinal, operation });
      return {
        cancel: () => {
          if (!this.#asked.delete(ordinal)) return;
          this.#deeds.push({ kind: 'cancel', ordinal });
          asked.real?.cancel();
        },
      };
    },
  };

  obey(order: Order): void {
    switch (order.kind) {
      case 'begin':
        this.#standIn = standInFor(order.identity);
        this.#runProgram(this.#standIn);
        this.#rest();
        break;
      case 'perform':
        this.#perform(order.ordinal, order.operation);
        break;
      case 'deliver':
        this.#deliver(order.ordinal, order.outcome);
        this.#rest();
        break;
      case 'abandon':
        this.#asked.get(order.ordinal)?.real?.cancel();
        break;
      case 'hold':
        this.#channel.send({ kind: 'held' });
        this.#channel.waitFor(({ kind }) => kind === 'release');
        break;
      case 'die':
        process.exit(order.code);
        break;
      case 'spawn':
        this.#spawn(order.command, order.uid);
    }
  }

  #runProgram(standIn: StandIn): void {
    const exit = (code: unknown): void => {
      const operation: Operation = { op: 'exit', code: typeof code === 'number' ? code : 0 };
      this.machine.execute(null, operation, ignore, ignore);
    };
    try {
      Promise.resolve(this.#begin(standIn)).then(exit, (error) => this.#crash(error));
    } catch (error) {
      this.#crash(error);
    }
  }

  #crash(error: unknown, promise?: Promise<unknown>): void {
    // A program of Node may handle it.
    if (this.#standIn?.uncaught?.(error, promise)) {
      this.#rest();
      return;
    }
    this.#deeds.push({ kind: 'crash', message: nameAndMessageOf(error) });
    this.#rest();
  }

  /** Says what the program has done, once all its microtasks are over. */
  #rest(): void {
    if (this.#isComingToRest) return;
    this.#isComingToRest = true;
    setImmediate(() => {
      this.#isComingToRest = false;
      this.#restNow();
    });
  }

  /** The same in the midst of its code. */
  #restNow(): void {
    const deeds = this.#deeds;
    this.#deeds = [];
    this.#channel.send({ kind: 'rest', deeds });
  }

  /** Waits until the operation has happened, in the midst of the program's code. @throws SystemError */
  #executeNow(operation: Operation): unknown {
    const ordinal = this.#next++;
    this.#deeds.push({ kind: 'ask', ordinal, operation, now: true });
    this.#restNow();
    for (;;) {
      const order = this.#channel.waitFor(
        (each) =>
          ('ordinal' in each && each.ordinal === ordinal) || each.kind === 'hold' || each.kind === 'die',
      );
      if (order.kind === 'deliver') return resultOf(order.outcome, operation);
      if (order.kind === 'perform') this.#performNow(ordinal, order.operation);
      else if (order.kind !== 'abandon') this.obey(order);
    }
  }

  #performNow(ordinal: number, operation: Operation): void {
    let outcome: Outcome;
    try {
      outcome = { value: this.#valueNow(operation) ?? null };
    } catch (error) {
      const { code, message } = toSystemError(error, operation);
      outcome = { code, message };
    }
    this.#channel.send({ kind: 'outcome', ordinal, outcome });
  }

  #valueNow(operation: Operation): unknown {
    const host = hostOf(process.platform);
    if (operation.op === 'exit') return process.exit(operation.code & 0xff);
    if (operation.op === 'self') return selfOf(host);
    if (operation.op === 'kill') return kill(host, operation);
    if (operation.op !== 'sigaction') return fileOperationNow(operation);
    // It takes effect at once; only its result comes later.
    this.#real.execute(null, operation, ignore, ignore);
    return undefined;
  }

  /** A clock, or random digits. */
  #look(at: string): number | string {
    this.#deeds.push({ kind: 'look', at });
    this.#restNow();
    for (;;) {
      const order = this.#channel.waitFor(
        ({ kind }) => kind === 'value' || kind === 'hold' || kind === 'die',
      );
      if (order.kind === 'value') return order.value;
      this.obey(order);
    }
  }

  #perform(ordinal: number, operation: Operation): void {
    const asked = this.#asked.get(ordinal);
    const say = (outcome: Outcome): void => this.#channel.send({ kind: 'outcome', ordinal, outcome });
    const resolve = (value: unknown): void => {
      // Before the outcome is known, so that no request can come earlier.
      if (operation.op === 'listen' && !operation.streams) this.#listeners.open(value as number);
      say({ value });
    };
    const reject = ({ code, message }: SystemError): void => say({ code, message });
    if (operation.op === 'accept') {
      const cancel = this.#listeners.accept(operation.fd, { resolve, reject });
      if (asked !== undefined) asked.real = { cancel };
      return;
    }
    // Not a command of the machine that happens to have the name.
    if (operation.op === 'spawn' && !this.#programs.has(operation.command[0] ?? '')) {
      say({ code: 'ENOENT' });
      return;
    }
    if (operation.op === 'request') this.#sending.set(operation, ordinal);
    const real = this.#real.execute(null, operation, resolve, reject);
    if (asked !== undefined) asked.real = real;
  }

  #deliver(ordinal: number, outcome: Outcome): void {
    const asked = this.#asked.get(ordinal);
    this.#asked.delete(ordinal);
    if (asked === undefined) return;
    if ('code' in outcome) asked.reject(new SystemError(outcome.code, asked.operation));
    else asked.resolve(outcome.value ?? undefined);
  }

  /** A child by the scenario's own start: the program did not ask for it. */
  #spawn(command: readonly string[], uid: number | null): void {
    const child = spawn(process.execPath, [this.#entry, ...command], {
      stdio: 'ignore',
      ...(uid !== null && { uid, gid: uid }),
    });
    child.once('spawn', () => this.#channel.send({ kind: 'spawned', pid: child.pid! }));
    child.on('error', ignore);
  }
}

function resultOf(outcome: Outcome, operation: Operation): unknown {
  if ('code' in outcome) throw new SystemError(outcome.code, operation);
  return outcome.value ?? undefined;
}
