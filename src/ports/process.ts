import { call } from './call.ts';
import type { Machine } from './machine.ts';
import type { ExitStatus, ProcessInfo, Self, Signal, SpawnRequest } from './operation.ts';

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

  /** By PID alone, whoever bears it now; a negative PID is a group; signal 0 asks whether it exists. */
  kill(pid: number, signal: Signal | 0 = 'SIGTERM'): Promise<void> {
    return call(this.#machine, this.#process, { op: 'kill', pid, signal, startTicks: null });
  }

  /** Signals this very process or, ESRCH, none: identity is checked in the same operation. */
  killExactly({ pid, startTicks }: ProcessIdentity, signal: Signal): Promise<void> {
    return call(this.#machine, this.#process, { op: 'kill', pid, signal, startTicks });
  }

  /** From now on calls `handler` when one of the signals comes, instead of its default. Returns once that is in force. */
  async onSignal(signals: readonly Signal[], handler: (signal: Signal) => void): Promise<void> {
    if (this.#handlers === null) {
      this.#handlers = [];
      this.#awaitSignal(this.#handlers);
    }
    this.#handlers.push({ signals, handler });
    for (const signal of signals) {
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
