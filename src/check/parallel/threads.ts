import { MessageChannel, type MessagePort } from 'node:worker_threads';
import Tinypool from 'tinypool';
import type { SearchOptions } from '../search.ts';
import { type Job, type Turns, takeTurns } from './job.ts';
import { Shared } from './shared.ts';
import type { Message, Task } from './worker.ts';

const POLL_MS = 50;

/** Some threads, the calling one among them. The others are made when they are first needed. */
export class Threads {
  readonly #others: number;
  #pool: Tinypool | null = null;

  /** @param count how many threads, with this one */
  constructor(count: number) {
    this.#others = count - 1;
  }

  /**
   * Does a job together. Of a small one this thread may be done before the others have begun: it does not wait for them.
   *
   * @throws what a thread throws that belongs to no piece
   */
  async doTogether(job: Job, turns: Turns, signal: SearchOptions['signal']): Promise<void> {
    const shared = Shared.begin();
    const poll = setInterval(() => {
      if (signal?.aborted) shared.wantNone();
    }, POLL_MS);
    const ports: MessagePort[] = [];
    let done = 0;
    let onDone = (): void => {};
    const hear = (message: Message): void => {
      if (message !== null) {
        turns.emit(message);
        return;
      }
      done++;
      onDone();
    };
    const failures = Array.from({ length: this.#others }, () => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1);
      port1.on('message', hear);
      return this.#start({ job, numbers: shared.numbers, port: port2 });
    });
    try {
      await Promise.race([takeTurns(job, shared, turns), ...failures]);
      const joined = shared.close();
      const allDone = new Promise<void>((resolve) => {
        onDone = () => {
          if (done === joined) resolve();
        };
        onDone();
      });
      await Promise.race([allDone, ...failures]);
    } finally {
      clearInterval(poll);
      // After an error in one, the others need not go on.
      shared.wantNone();
      for (const port of ports) port.close();
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
    this.#pool = null;
  }

  /** @returns settles only with an error */
  #start(task: Task): Promise<never> {
    this.#pool ??= new Tinypool({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: this.#others,
      maxThreads: this.#others,
      runtime: 'worker_threads',
    });
    const running: Promise<void> = this.#pool.run(task, { transferList: [task.port] });
    return new Promise((_, reject) => void running.catch(reject));
  }
}
