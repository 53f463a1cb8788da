import { call } from './call.ts';
import type { Machine } from './machine.ts';
import type { ExitStatus, Operation, ProcessInfo, Self, SpawnRequest } from './operation.ts';
import { pidOf, type Signal, signalOf } from './signals.ts';

/** What names one process for good: a PID alone is reused. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks between boot and start, see {@link ProcessInfo.startTicks}. */
  startTicks: number;
}

/** A process that this one has started. */
export interface Child {
  pid: number;
  /** Reaps the child. */
  exited: Promise<ExitStatus>;
}

/** Processes, signals and chance. */
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

  /** @throws ESRCH when there is no such process. */
  info(pid: number): Promise<ProcessInfo> {
    return call(this.#machine, this.#process, { op: 'processInfo', pid });
  }

  list(): Promise<number[]> {
    return call(this.#machine, this.#process, { op: 'listProcesses' });
  }

  /** Starts a child and waits for its end at once, as Node does: it is reaped as soon as this process goes on. @param how see {@link SpawnRequest} */
  async spawn(
    command: readonly string[],
    { detached = false, inherit }: Partial<Omit<SpawnRequest, 'command'>> = {},
  ): Promise<Child> {
    const how = inherit === undefined ? { detached } : { detached, inherit };
    const pid = await call(this.#machine, this.#process, { op: 'spawn', command, ...how });
    return { pid, exited: call(this.#machine, this.#process, { op: 'wait', pid }) };
  }

  /**
   * By PID alone, whichever process has it now; a negative PID is a group; signal 0 asks whether it exists.
   *
   * @param signal as for Node's `process.kill`: a name, or a number from 0 to 31
   * @throws TypeError when there is no such signal, or the PID is no whole number: nothing is sent
   */
  kill(pid: number, signal: Signal | number = 'SIGTERM'): Promise<void> {
    return this.#kill(pid, signal, null);
  }

  /**
   * Signals this very process or, ESRCH, none: identity is checked in the same operation.
   *
   * @param signal a name, or a number from 0 to 31
   * @throws TypeError when there is no such signal, or the PID is no whole number: nothing is sent
   */
  killExactly({ pid, startTicks }: ProcessIdentity, signal: Signal | number): Promise<void> {
    return this.#kill(pid, signal, startTicks);
  }

  /**
   * From now on calls `handler` when one of the signals comes, instead of its default. Returns once that is in force.
   *
   * @throws TypeError when there is no such signal: nothing changes
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

  /** @returns two hexadecimal digits a byte */
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

const ignore = (): void => {};
