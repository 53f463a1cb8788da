/**
 * Makes the synchronous calls of a program scheduling points. When the schedule prefers another process before such a call, the instance
 * of the program is unwound and thrown away. When the call has happened, the program is run again from its start, and fed what it had
 * learned, up to there. For example:
 *
 *   daemon#1   existsSync /daemon.pid   false
 *              writeFileSync: others go on before its open; daemon#1 is unwound
 *   daemon#2   existsSync /daemon.pid   false
 *   daemon#1   open /daemon.pid         the call happens; the program runs again, is fed `false`, and goes on with the descriptor
 */
import { drain, drains } from '../host/index.ts';
import { type Machine, type Operation, type Pending, type Program, seamOf } from '../ports/index.ts';
import type { SimProcess } from '../sim/index.ts';
import { copied, DepartureError, History, isSame, kept, type Outcome, outcomeOf } from './history.ts';
import { type Ask, Instance, type ResumedProcess } from './instance.ts';

/** The program of a simulated process, in as many instances as its schedule needs, one at a time. */
class ResumableProcess implements ResumedProcess {
  readonly machine: Machine;
  readonly simulated: SimProcess;
  readonly history = new History();
  readonly absentDescriptors: readonly number[];
  readonly #start: (instance: Instance) => unknown;
  readonly #before: { readonly cwd: string; readonly umask: number };
  /** The operations that it has asked for, by number. */
  readonly #asked: { readonly operation: Operation; pending: Pending | null }[] = [];
  #instance: Instance | null = null;
  #resolve!: (code: unknown) => void;

  constructor(machine: Machine, simulated: SimProcess, start: (instance: Instance) => unknown) {
    this.machine = machine;
    this.simulated = simulated;
    this.#start = start;
    simulated.asks = false;
    this.absentDescriptors = [0, 1, 2].filter((fd) => !simulated.fds.has(fd));
    this.#before = { cwd: simulated.cwd, umask: simulated.umask };
    simulated.isRepeating = () => this.#instance === null || !this.history.isLive;
  }

  /** Runs the program. @returns its exit code */
  run(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#begin();
    });
  }

  /** An operation of the program: not asked for again if it was asked for by an earlier instance. */
  ask(number: number, operation: Operation): void {
    const known = this.#asked[number];
    if (known !== undefined) {
      if (!isSame(known.operation, operation))
        this.departed(new DepartureError(`${known.operation.op} before, and now ${operation.op}`));
      return;
    }
    if (!this.history.isLive) {
      this.departed(new DepartureError(`${this.history.shownNext} before, and now ${operation.op}`));
      return;
    }
    // A copy, because the program may change what it has passed.
    const asked: { operation: Operation; pending: Pending | null } = {
      operation: copied(operation),
      pending: null,
    };
    this.#asked[number] = asked;
    if (operation.op !== 'clock') this.simulated.asks = true;
    const learn = (outcome: Outcome): void => {
      this.history.add({ kind: 'result', number, outcome: kept(outcome) });
      this.#instance?.settle(number, outcome);
    };
    asked.pending = this.machine.execute(this.simulated, operation, ...outcomeOf(learn));
  }

  cancel(number: number): void {
    this.#asked[number]?.pending?.cancel();
  }

  calls({ op }: Operation): void {
    if (op !== 'self' && op !== 'exit') this.simulated.asks = true;
  }

  /** Whether others go on before a synchronous call. */
  preempts(operation: Operation): boolean {
    return drains && this.machine.immediate!.preempts(this.simulated, operation);
  }

  /** The instance is given up: the call is a step of its own, and then the program is run again. */
  giveUp(operation: Operation): void {
    this.#instance = null;
    const { simulated } = this;
    // What a given-up instance throws while it is unwound says nothing about the program.
    simulated.uncaught = () => true;
    const happened = (outcome: Outcome): void => {
      this.history.add({ kind: 'call', operation: copied(operation), outcome });
      this.#again();
    };
    this.machine.immediate!.executeApart(simulated, operation, ...outcomeOf(happened));
  }

  giveUpFor(call: Operation, work: (ask: Ask) => Promise<unknown>): boolean {
    if (!drains) return false;
    const { machine, simulated } = this;
    this.#instance = null;
    simulated.uncaught = () => true;
    const ask: Ask = (operation) => {
      let pending: Pending;
      const promise = new Promise((resolve, reject) => {
        pending = machine.immediate!.executeApart(simulated, operation, resolve, reject);
      });
      return Object.assign(promise, { cancel: () => pending.cancel() });
    };
    const happened = (outcome: Outcome): void => {
      this.history.add({ kind: 'call', operation: copied(call), outcome });
      this.#again();
    };
    work(ask).then(...outcomeOf(happened));
    return true;
  }

  /** The program does something else with the same results: what it does depends on more than them. */
  departed(error: DepartureError): void {
    const { machine, simulated } = this;
    this.#instance = null;
    const message = `${simulated.name} was run again with the same results, and did something else: ${error.message}`;
    machine.immediate!.departs(simulated, message);
  }

  #begin(): void {
    const instance = new Instance(this);
    this.#instance = instance;
    // Each instance may fail anew, in the same way: a promise would be rejected only once.
    const reject = (error: unknown): void => this.machine.immediate!.crashes(this.simulated, error);
    const whenCurrent = (settle: (value: unknown) => void) => (value: unknown) => {
      if (this.#instance === instance) settle(value);
    };
    try {
      Promise.resolve(this.#start(instance)).then(whenCurrent(this.#resolve), whenCurrent(reject));
    } catch (error) {
      whenCurrent(reject)(error);
    }
  }

  #again(): void {
    const { machine, simulated, history } = this;
    if (!simulated.alive) return;
    Object.assign(simulated, this.#before);
    history.rewind();
    this.#begin();
    drain();
    while (!history.isLive && this.#instance !== null) {
      const result = history.nextResult();
      if (result === null) {
        this.departed(new DepartureError(`${history.shownNext} before, and now nothing`));
        return;
      }
      const outcome = kept(result.outcome, this.#asked[result.number]!.operation);
      try {
        (this.#instance as Instance).settle(result.number, outcome);
      } catch (error) {
        // As the first time: a callback of the program throws.
        machine.immediate!.crashes(simulated, error);
      }
      drain();
    }
  }
}

/** What an instance of a program does: with the machine as the instance sees it. */
export type InstanceOf = (
  machine: Instance,
  process: SimProcess,
  argv: readonly string[],
) => Promise<number | void>;

/** A program whose synchronous calls are scheduling points. */
export function resumable(program: InstanceOf): Program {
  return (ports, argv) => {
    const { machine, process } = seamOf(ports);
    const simulated = process as SimProcess;
    const resumed = new ResumableProcess(machine, simulated, (instance) =>
      program(instance, simulated, [...argv]),
    );
    return resumed.run() as Promise<number | void>;
  };
}
