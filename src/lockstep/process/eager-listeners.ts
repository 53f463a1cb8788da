/**
 * Requests to the listeners of this process, taken as they arrive, whether or not its program has asked for one: so the coordinator
 * knows their order. The program gets each when it accepts.
 */
import type { Incoming, Machine, SystemError } from '../../ports/index.ts';

export interface Taker {
  readonly resolve: (incoming: Incoming) => void;
  readonly reject: (error: SystemError) => void;
}

interface Queue {
  readonly arrived: Incoming[];
  readonly takers: Taker[];
  failure: SystemError | null;
}

export class EagerListeners {
  readonly #machine: Machine;
  readonly #arrived: () => void;
  readonly #queues = new Map<number, Queue>();

  constructor(machine: Machine, arrived: () => void) {
    this.#machine = machine;
    this.#arrived = arrived;
  }

  /** @returns withdraws it */
  accept(fd: number, taker: Taker): () => void {
    const queue = this.#queues.get(fd) ?? this.open(fd);
    const next = queue.arrived.shift();
    if (next !== undefined) taker.resolve(next);
    else if (queue.failure !== null) taker.reject(queue.failure);
    else queue.takers.push(taker);
    return () => {
      const at = queue.takers.indexOf(taker);
      if (at >= 0) queue.takers.splice(at, 1);
    };
  }

  /** From now on requests are taken. */
  open(fd: number): Queue {
    const queue: Queue = { arrived: [], takers: [], failure: null };
    this.#queues.set(fd, queue);
    const next = (): void => {
      this.#machine.execute(
        null,
        { op: 'accept', fd },
        (incoming: Incoming) => {
          this.#arrived();
          const taker = queue.takers.shift();
          if (taker === undefined) queue.arrived.push(incoming);
          else taker.resolve(incoming);
          next();
        },
        (error) => {
          queue.failure = error;
          for (const taker of queue.takers.splice(0)) taker.reject(error);
        },
      );
    };
    next();
    return queue;
  }
}
