import { type Caller, runAsPromise, runLater, runNow, type Script } from '../script.ts';
import { coded, invalidType, tell } from './arguments.ts';
import * as scripts from './scripts/index.ts';
import { Dirent } from './stats.ts';

type Callback = (error: unknown, entry?: Dirent | null) => void;

/** The result of `fs.opendir`: an open directory, read in the batches that the machine returns. */
export class Dir {
  readonly path: string;
  readonly #caller: Caller;
  readonly #options: unknown;
  readonly #ready: Dirent[] = [];
  #fd: number;

  constructor(caller: Caller, path: string, fd: number, options: unknown) {
    this.#caller = caller;
    this.path = path;
    this.#fd = fd;
    this.#options = options;
  }

  /** `null` at the end. */
  read(): Promise<Dirent | null>;
  read(callback: Callback): void;
  read(callback?: Callback): Promise<Dirent | null> | undefined {
    return this.#run(this.#next(), callback);
  }

  readSync(): Dirent | null {
    return runNow(this.#caller, this.#next());
  }

  close(): Promise<void>;
  close(callback: Callback): void;
  close(callback?: Callback): Promise<void> | undefined {
    return this.#run(this.#close(), callback);
  }

  closeSync(): void {
    runNow(this.#caller, this.#close());
  }

  /** Closes the directory when the iteration ends for any reason. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Dirent> {
    try {
      for (;;) {
        const entry = await this.read();
        if (entry === null) return;
        yield entry;
      }
    } finally {
      await this.close();
    }
  }

  async [Symbol.for('nodejs.asyncDispose')](): Promise<void> {
    if (this.#fd >= 0) await this.close();
  }

  #run<T>(script: Script<T>, callback: Callback | undefined): Promise<T> | undefined {
    if (callback === undefined) return runAsPromise(this.#caller, script);
    if (typeof callback !== 'function') throw invalidType('callback', 'of type function', callback);
    runLater(this.#caller, script, callback as (error: unknown) => void);
    return undefined;
  }

  *#next(): Script<Dirent | null> {
    const fd = this.#open();
    if (this.#ready.length === 0) {
      for (const entry of yield* scripts.readEntries(fd)) {
        this.#ready.push(new Dirent(entry, tell(entry.name, this.#options), this.path));
      }
    }
    return this.#ready.shift() ?? null;
  }

  *#close(): Script<void> {
    const fd = this.#open();
    this.#fd = -1;
    yield* scripts.close(fd);
  }

  #open(): number {
    if (this.#fd >= 0) return this.#fd;
    throw coded(new Error('Directory handle was closed'), 'ERR_DIR_CLOSED');
  }
}
