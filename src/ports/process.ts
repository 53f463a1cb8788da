import { call } from './call.ts';
import { ignore } from './ignore.ts';
import type { Machine } from './machine.ts';
import type { ExitStatus, Operation, ProcessInfo, Self, SpawnRequest } from './operation.ts';
import { pidOf, type Signal, signalOf } from './signals.ts';

/** Identifies a process for the whole uptime of the machine, unlike a PID, which is reused. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks from boot to start, see {@link ProcessInfo.startTicks}. */
  startTicks: number;
}

/** A process started by this one. */
export interface Child {
  pid: number;
  /** Settles when the child has ended and is reaped. */
  exited: Promise<ExitStatus>;
}

/** Processes, signals and randomness. */
export class ProcessPort {
  readonly #machine: Machine;
  readonly #process: unknown;
  #handlers: SignalHandler[] | null = null;

  constructor(machine: Machine, process: unknown) {
    this.#machine = machine;
    this.#process = process;
  }

  self(): Promise<Self> {
    return call(this.#machine, this.#process, { op: 'self' });
  }

  /** @throws ESRCH if there is no such process. */
  info(pid: number): Promise<ProcessInfo> {
    return call(this.#machine, this.#process, { op: 'processInfo', pid });
  }

  list(): Promise<number[]> {
    return call(this.#machine, this.#process, { op: 'listProcesses' });
  }

  /**
   * A variable of the environment with which a process was started: a mark that the process cannot lose, and that its children inherit.
   * `null` if there is none.
   *
   * @throws ESRCH if there is no such process; EACCES if it belongs to another user
   */
  env(pid: number, name: string): Promise<string | null> {
    return call(this.#machine, this.#process, { op: 'processEnv', pid, name });
  }

  /** Starts a child and begins to wait for its end, as Node does, so that it is reaped without delay. @param how see {@link SpawnRequest} */
  async spawn(
    command: readonly string[],
    { detached = false, inherit, env }: Partial<Omit<SpawnRequest, 'command'>> = {},
  ): Promise<Child> {
    const how = { detached, ...(inherit !== undefined && { inherit }), ...(env !== undefined && { env }) };
    const pid = await call(this.#machine, this.#process, { op: 'spawn', command, ...how });
    return { pid, exited: call(this.#machine, this.#process, { op: 'wait', pid }) };
  }

  /**
   * Signals the process that has this PID now. A negative PID is a group; signal 0 tests for existence.
   *
   * @param signal a name, or a number from 0 to 31, as in Node's `process.kill`
   * @throws TypeError if the signal is unknown or the PID is not an integer; nothing is sent
   */
  kill(pid: number, signal: Signal | number = 'SIGTERM'): Promise<void> {
    return this.#kill(pid, signal, null);
  }

  /**
   * Signals exactly this process. The identity is checked in the same operation, which fails with ESRCH if the process is gone.
   *
   * @param signal a name, or a number from 0 to 31
   * @throws TypeError if the signal is unknown or the PID is not an integer; nothing is sent
   */
  killExactly({ pid, startTicks }: ProcessIdentity, signal: Signal | number): Promise<void> {
    return this.#kill(pid, signal, startTicks);
  }

  /**
   * Calls `handler` for these signals instead of their default action. Returns once this is in force.
   *
   * @throws TypeError if a signal is unknown; nothing changes
   */
  async onSignal(signals: readonly Signal[], handler: (signal: Signal) => void): Promise<void> {
    const known = signals.map(signalOf);
    if (this.#handlers === null) {
      this.#handlers = [];
      this.#awaitSignal(this.#handlers);
    }
    this.#handlers.push({ signals: known, handler });
    for (const signal of known) {
      await call(this.#machine, this.#process, { op: 'sigaction', signal, action: 'handle' });
    }
  }

  /** Ends this process. The promise never settles. */
  exit(code = 0): Promise<never> {
    return call(this.#machine, this.#process, { op: 'exit', code });
  }

  /** @returns two hexadecimal digits per byte */
  randomHex(bytes: number): Promise<string> {
    return call(this.#machine, this.#process, { op: 'random', bytes });
  }

  #kill(pid: number, signal: Signal | number, startTicks: number | null): Promise<void> {
    let operation: Operation<'kill'>;
    try {
      operation = { op: 'kill', pid: pidOf(pid), signal: signal === 0 ? 0 : signalOf(signal), startTicks };
    } catch (error) {
      return Promise.reject(error);
    }
    return call(this.#machine, this.#process, operation);
  }

  #awaitSignal(handlers: SignalHandler[]): void {
    const deliver = (signal: Signal): void => {
      this.#awaitSignal(handlers);
      for (const { signals, handler } of handlers) if (signals.includes(signal)) handler(signal);
    };
    this.#machine.execute(this.#process, { op: 'sigwait' }, deliver, ignore);
  }
}

interface SignalHandler {
  signals: readonly Signal[];
  handler: (signal: Signal) => void;
}
