import { mistakeIn } from './arguments.ts';
import { call } from './call.ts';
import type { Machine } from './machine.ts';

/** The two clocks of a machine, and sleep. All in milliseconds. */
export class ClockPort {
  readonly #machine: Machine;
  readonly #process: unknown;

  constructor(machine: Machine, process: unknown) {
    this.#machine = machine;
    this.#process = process;
  }

  /** Milliseconds since the epoch. May jump, and may differ from another machine's clock. */
  wallMs(): Promise<number> {
    return call(this.#machine, this.#process, { op: 'clock', which: 'wall' });
  }

  /** Milliseconds since an arbitrary start. Never jumps; stands still while the machine is suspended. */
  monotonicMs(): Promise<number> {
    return call(this.#machine, this.#process, { op: 'clock', which: 'monotonic' });
  }

  /** Rejects with the signal's reason if it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal === undefined) return call(this.#machine, this.#process, { op: 'sleep', ms });
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const mistake = mistakeIn({ op: 'sleep', ms });
      if (mistake !== null) throw mistake;
      const abort = () => {
        pending.cancel();
        reject(signal.reason);
      };
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', abort);
          then(value);
        };
      const pending = this.#machine.execute(
        this.#process,
        { op: 'sleep', ms },
        settle(resolve),
        settle(reject),
      );
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
