import { MessageChannel, type MessagePort } from 'node:worker_threads';
import Tinypool from 'tinypool';
import { type Thrown, thrownOf } from '../../scenario/thrown.ts';
import type { SearchOptions } from '../search-options.ts';
import { type Job, type TaskResult, type ThreadContext, takeTurns } from './job.ts';
import { SharedCounters } from './shared-counters.ts';
import type { Message, Task } from './worker.ts';

const POLL_MS = 50;

/** A fixed number of threads, including the calling one. The others are started when they are first needed. */
export class Threads {
  readonly #others: number;
  #pool: Tinypool | null = null;
  #someDied = false;

  /** @param count the number of threads, including this one */
  constructor(count: number) {
    this.#others = count - 1;
  }

  /**
   * Does a job with all threads. If the job is small, this thread may finish it before the others have started, and does not wait for
   * them. If a thread dies, for example because a program ends it, its current task counts as thrown, and the others do the rest.
   */
  async doTogether(job: Job, turns: ThreadContext, signal: SearchOptions['signal']): Promise<void> {
    const shared = SharedCounters.begin();
    const look = (): void => {
      if (signal?.aborted) shared.cancelAll();
    };
    look();
    const poll = setInterval(look, POLL_MS);
    let onEnd = (): void => {};
    const others = Array.from({ length: this.#others }, () => new Other(turns.emit, () => onEnd()));
    for (const other of others) this.#start(job, shared, other);
    try {
      await takeTurns(job, shared, turns);
      const joined = shared.close();
      await new Promise<void>((resolve) => {
        onEnd = () => {
          if (others.filter((other) => other.isDone).length === joined) resolve();
        };
        onEnd();
      });
    } finally {
      clearInterval(poll);
      // After an error in this thread, the others may stop.
      shared.cancelAll();
      this.#someDied ||= others.some((other) => other.hasDied);
      for (const other of others) other.close();
    }
  }

  async close(): Promise<void> {
    const ended = this.#pool?.destroy();
    this.#pool = null;
    // The pool would wait for ever for a thread that has ended itself.
    if (!this.#someDied) await ended;
  }

  #start(job: Job, shared: SharedCounters, other: Other): void {
    this.#pool ??= new Tinypool({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: this.#others,
      maxThreads: this.#others,
      runtime: 'worker_threads',
    });
    const task: Task = { job, numbers: shared.numbers, port: other.port };
    this.#pool.run(task, { transferList: [task.port] }).catch((error) => other.failed(error));
  }
}

/** Another thread, as seen by this one. */
class Other {
  /** The port to send to the other thread. */
  readonly port: MessagePort;
  readonly #ours: MessagePort;
  readonly #emit: (piece: TaskResult) => void;
  readonly #onEnd: () => void;
  #hasJoined = false;
  #hasEnded = false;
  #isClosed = false;
  #hasDied = false;
  #thrown: Thrown = { name: 'Error', message: 'its thread has ended', file: null, line: null };
  /** The index of its current task. */
  #index: number | null = null;

  constructor(emit: (piece: TaskResult) => void, onEnd: () => void) {
    const { port1, port2 } = new MessageChannel();
    this.#ours = port1;
    this.port = port2;
    this.#emit = emit;
    this.#onEnd = onEnd;
    port1.on('message', (message: Message) => this.#hear(message));
    port1.on('close', () => this.#closed());
  }

  /** Whether it has joined and finished. */
  get isDone(): boolean {
    return this.#hasJoined && this.#hasEnded;
  }

  /** Whether it has joined and ended during a task. */
  get hasDied(): boolean {
    return this.#hasDied;
  }

  close(): void {
    this.#isClosed = true;
    this.#ours.close();
  }

  /** Its thread has failed. Its port closes once all its messages were received. */
  failed(error: unknown): void {
    this.#thrown = thrownOf(error);
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#hasDied = this.#hasJoined && !this.#hasEnded;
    if (this.#index !== null && this.#hasDied)
      this.#emit({ index: this.#index, kind: 'threw', thrown: this.#thrown });
    this.#index = null;
    this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#onEnd();
  }

  #hear(message: Message): void {
    if (message.kind === 'joins') this.#hasJoined = true;
    else if (message.kind === 'begins') this.#index = message.index;
    else if (message.kind === 'ends') this.#end();
    else {
      this.#index = null;
      this.#emit(message.piece);
    }
  }
}
