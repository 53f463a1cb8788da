/** Standard input, output and error of a process. */
import { Readable, Writable } from 'node:stream';
import { Output } from '../host/index.ts';
import type { SimProcess } from '../sim/index.ts';
import { DescriptorReader, writeAll } from './descriptor-streams.ts';
import type { Caller } from './script.ts';

/** Writes to descriptor 1 or 2. A process that was started without has its output in the trace. */
class StandardOutput extends Writable {
  readonly fd: 1 | 2;
  readonly #caller: Caller;
  readonly #output: Output;

  constructor(caller: Caller, fd: 1 | 2) {
    super({ decodeStrings: true, autoDestroy: false });
    this.#caller = caller;
    this.fd = fd;
    this.#output = new Output(fd === 1 ? 'stdout' : 'stderr');
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    // A handler of the program may catch what unwinds it after it has ended.
    if ((this.#caller.process as { alive?: boolean }).alive === false) return;
    if (isOpen(this.#caller, this.fd)) {
      writeAll(this.#caller, this.fd, chunk, done);
      return;
    }
    this.#output.write(chunk.toString());
    done();
  }

  /** As in Node, it cannot be closed. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    done(error);
  }
}

function isOpen({ process }: Caller, fd: number): boolean {
  return (process as SimProcess).fds.has(fd);
}

/** Adds `stdin`, `stdout`, `stderr`, each created when it is first used. */
export function addStdio(guest: object, caller: Caller): void {
  lazy(guest, 'stdout', () => new StandardOutput(caller, 1));
  lazy(guest, 'stderr', () => new StandardOutput(caller, 2));
  lazy(guest, 'stdin', () =>
    isOpen(caller, 0)
      ? new DescriptorReader(caller, 0, { closes: false })
      : Object.assign(Readable.from([]), { fd: 0, ref() {}, unref() {} }),
  );
}

function lazy(target: object, name: string, make: () => unknown): void {
  const replace = (value: unknown): void => {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  };
  Object.defineProperty(target, name, {
    get() {
      const made = make();
      replace(made);
      return made;
    },
    set: replace,
    enumerable: true,
    configurable: true,
  });
}
