/**
 * What a program reads and writes that is no file of the simulated machine: /dev/null and the like, and the descriptors 0, 1, 2 of a process
 * that was started without them. What it writes to 1 and 2 is in the trace, as what `process.stdout` and `console` print; 0 is empty.
 */
import { posix } from 'node:path';
import { Output } from '../host/index.ts';
import {
  type Immediate,
  type Machine,
  type Operation,
  type Pending,
  type Reject,
  type Resolve,
  type Stat,
  SystemError,
} from '../ports/index.ts';
import type { SimProcess } from '../sim/index.ts';
import type { Instance } from './instance.ts';

/** Above the descriptors of the machine, below those of files of the package. The rest of a division by 8 says which device it is. */
const FIRST_FD = 2 ** 28;
const LAST_FD = 2 ** 29;
const KINDS = ['null', 'zero', 'random', 0, 1, 2] as const;
type Device = (typeof KINDS)[number];

const PATHS: Readonly<Record<string, Device>> = {
  '/dev/null': 'null',
  '/dev/zero': 'zero',
  '/dev/random': 'random',
  '/dev/urandom': 'random',
  ...Object.fromEntries(
    (['stdin', 'stdout', 'stderr'] as const).flatMap((name, fd) =>
      [`/dev/${name}`, `/dev/fd/${fd}`, `/proc/self/fd/${fd}`].map((path) => [path, fd as 0 | 1 | 2]),
    ),
  ),
};

/** Which device a descriptor is: one of the three standard descriptors, if it was opened by its name. `null` if it is none. */
export function deviceOf(fd: number): Device | null {
  return fd >= FIRST_FD && fd < LAST_FD ? (KINDS[fd % 8] ?? null) : null;
}

/** The machine, as the `node:fs` of one instance of a program sees it. */
export class Devices implements Machine, Immediate {
  readonly #inner: Machine & Immediate;
  readonly #instance: Instance;
  readonly #simulated: SimProcess;
  readonly #open = new Set<number>();
  /** Of 0, 1, 2: those that the process was started without, and has not closed. */
  readonly #absent: Set<number>;

  /** @param inner what answers everything else */
  constructor(inner: Machine & Immediate, instance: Instance, simulated: SimProcess) {
    this.#inner = inner;
    this.#instance = instance;
    this.#simulated = simulated;
    this.#absent = new Set(instance.absentDescriptors);
  }

  get immediate(): Immediate {
    return this;
  }

  execute(process: unknown, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    const own = this.#own(operation);
    if (own === null) return this.#inner.execute(process, this.#forwarded(operation), resolve, reject);
    // A step, as for any other file.
    return this.#instance.execute(
      process,
      { op: 'clock', which: 'monotonic' },
      () => {
        let value: unknown;
        try {
          value = own();
        } catch (error) {
          reject(error as SystemError);
          return;
        }
        resolve(value);
      },
      reject,
    );
  }

  executeNow(process: unknown, operation: Operation): unknown {
    const own = this.#own(operation);
    return own === null ? this.#inner.executeNow(process, this.#forwarded(operation)) : own();
  }

  preempts = (): boolean => this.#instance.preempts();
  executeApart = (process: unknown, operation: Operation): Pending =>
    this.#instance.executeApart(process, operation);
  crashes = (process: unknown, error: unknown): void => this.#inner.crashes(process, error);
  departs = (process: unknown, message: string): void => this.#inner.departs(process, message);
  readClock = (process: unknown, which: 'wall' | 'monotonic'): number =>
    this.#inner.readClock(process, which);
  randomHex = (process: unknown, bytes: number): string => this.#inner.randomHex(process, bytes);

  /** How an operation is answered here; `null` if it is not. */
  #own(operation: Operation): (() => unknown) | null {
    if ('fd' in operation) {
      const { fd } = operation;
      if (this.#absent.has(fd)) return () => this.#ofDevice(fd as 0 | 1 | 2, operation);
      const device = deviceOf(fd);
      if (device === null) return null;
      if (!this.#open.has(fd))
        return () => {
          throw new SystemError('EBADF', operation);
        };
      const isAlias = typeof device === 'number' && !this.#absent.has(device) && operation.op !== 'close';
      return isAlias ? null : () => this.#ofDevice(device, operation);
    }
    const device = 'path' in operation ? this.#deviceAt(operation.path) : null;
    return device === null ? null : () => this.#ofPath(device, operation);
  }

  /** What was opened as /dev/stdout is descriptor 1, if there is one. */
  #forwarded(operation: Operation): Operation {
    if (!('fd' in operation)) return operation;
    const device = deviceOf(operation.fd);
    return typeof device === 'number' ? ({ ...operation, fd: device } as Operation) : operation;
  }

  #deviceAt(path: string): Device | null {
    if (!path.includes('dev') && !path.includes('proc')) return null;
    const whole = posix.resolve(this.#simulated.cwd, path);
    return Object.hasOwn(PATHS, whole) ? PATHS[whole]! : null;
  }

  #ofPath(device: Device, operation: Operation): unknown {
    switch (operation.op) {
      case 'open':
        return this.#opened(device);
      case 'stat':
      case 'lstat':
        return STAT;
      case 'access':
      case 'utimes':
        return undefined;
      case 'realpath':
        return posix.resolve(this.#simulated.cwd, operation.path);
      case 'opendir':
        throw new SystemError('ENOTDIR', operation);
      case 'readlink':
        throw new SystemError('EINVAL', operation);
      case 'mkdir':
        throw new SystemError('EEXIST', operation);
      default:
        throw new SystemError('EACCES', operation);
    }
  }

  #opened(device: Device): number {
    let fd = FIRST_FD + KINDS.indexOf(device);
    while (this.#open.has(fd)) fd += 8;
    this.#open.add(fd);
    return fd;
  }

  #ofDevice(device: Device, operation: Operation & { readonly fd: number }): unknown {
    switch (operation.op) {
      case 'close':
        this.#open.delete(operation.fd);
        this.#absent.delete(operation.fd);
        return undefined;
      case 'fstat':
        return STAT;
      case 'read':
        return this.#read(device, operation.length);
      case 'write':
        if (device === 1 || device === 2) print(device, operation.data);
        return operation.data.length;
      case 'futimes':
      case 'fchmod':
        return undefined;
      default:
        throw new SystemError('EINVAL', operation);
    }
  }

  #read(device: Device, length: number): string {
    if (device === 'zero') return '\0'.repeat(length);
    if (device !== 'random') return '';
    return Buffer.from(this.#instance.randomHex(null, length), 'hex').toString('latin1');
  }
}

/** The same for all, and the same on every machine. */
const STAT: Stat = {
  kind: 'character-device',
  ino: 2 ** 39,
  nlink: 1,
  uid: 0,
  gid: 0,
  mode: 0o666,
  size: 0,
  atimeMs: 0,
  mtimeMs: 0,
  ctimeMs: 0,
};

function print(fd: 1 | 2, bytes: string): void {
  new Output(fd === 1 ? 'stdout' : 'stderr').write(Buffer.from(bytes, 'latin1').toString());
}
