import type { Operation } from './operation.ts';

/** Linux's numbers and the messages of libuv's `uv_strerror`, for the codes that operations can fail with. */
const CODES = {
  EPERM: [1, 'operation not permitted'],
  ENOENT: [2, 'no such file or directory'],
  ESRCH: [3, 'no such process'],
  EINTR: [4, 'interrupted system call'],
  EIO: [5, 'i/o error'],
  ENXIO: [6, 'no such device or address'],
  EBADF: [9, 'bad file descriptor'],
  ECHILD: [10, 'no child processes'],
  EAGAIN: [11, 'resource temporarily unavailable'],
  ENOMEM: [12, 'not enough memory'],
  EACCES: [13, 'permission denied'],
  EBUSY: [16, 'resource busy or locked'],
  EEXIST: [17, 'file already exists'],
  EXDEV: [18, 'cross-device link not permitted'],
  ENOTDIR: [20, 'not a directory'],
  EISDIR: [21, 'illegal operation on a directory'],
  EINVAL: [22, 'invalid argument'],
  ENFILE: [23, 'file table overflow'],
  EMFILE: [24, 'too many open files'],
  EFBIG: [27, 'file too large'],
  ENOSPC: [28, 'no space left on device'],
  ESPIPE: [29, 'invalid seek'],
  EROFS: [30, 'read-only file system'],
  EMLINK: [31, 'too many links'],
  EPIPE: [32, 'broken pipe'],
  ENAMETOOLONG: [36, 'name too long'],
  ENOSYS: [38, 'function not implemented'],
  ENOTEMPTY: [39, 'directory not empty'],
  ELOOP: [40, 'too many symbolic links encountered'],
  ENOTSOCK: [88, 'socket operation on non-socket'],
  EADDRINUSE: [98, 'address already in use'],
  EADDRNOTAVAIL: [99, 'address not available'],
  ECONNRESET: [104, 'connection reset by peer'],
  ETIMEDOUT: [110, 'connection timed out'],
  ECONNREFUSED: [111, 'connection refused'],
  /** A host name that cannot be resolved. The number and message are libuv's: Linux has none. */
  ENOTFOUND: [3008, 'unknown node or service'],
} as const satisfies Record<string, readonly [number, string]>;

/** The codes that operations fail with, as in Node: `ENOENT`, `EEXIST`, … */
export type ErrorCode = keyof typeof CODES;

/** Whether operations can fail with this code. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(CODES, code);
}

/** libuv's message for a code. */
export function errorText(code: ErrorCode): string {
  return CODES[code][1];
}

/**
 * The failure of an operation, shaped like Node's: `errno` (negative), `code`, `syscall`, `path`, `dest`, `address`, `port`, and
 * Node's message. Like Node's asynchronous failures it has no stack trace. It inherits from `Error` but does not call its
 * constructor, which costs as much as a whole step of a simulation.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the prototype is set below, so the members are there.
export class SystemError {
  readonly errno: number;
  readonly code: ErrorCode;
  readonly syscall: string;
  declare readonly path?: string;
  declare readonly dest?: string;
  /** The host of a TCP address, as the program gave it. */
  declare readonly address?: string;
  /** The port of a TCP address. */
  declare readonly port?: number;

  constructor(code: ErrorCode, operation: Operation) {
    const path = pathOf(operation);
    const dest = destinationOf(operation);
    this.errno = -CODES[code][0];
    this.code = code;
    this.syscall = operation.op;
    if (path !== undefined) this.path = path;
    if (dest !== undefined) this.dest = dest;
    if ('address' in operation && operation.address.kind === 'tcp') {
      this.address = operation.address.host;
      this.port = operation.address.tcpPort;
    }
  }

  get message(): string {
    const { code, syscall, path, dest, address, port } = this;
    const destination = dest === undefined ? '' : ` -> '${dest}'`;
    const host = port === undefined ? '' : ` ${address}:${port}`;
    const where = path === undefined ? host : ` '${path}'${destination}`;
    return `${code}: ${CODES[code][1]}, ${syscall}${where}`;
  }

  get stack(): string {
    return `${this.name}: ${this.message}`;
  }

  /** Code that catches an error may change its message, as with any other error. */
  set message(message: string) {
    Object.defineProperty(this, 'message', { value: message, writable: true, configurable: true });
  }

  set stack(stack: string) {
    Object.defineProperty(this, 'stack', { value: stack, writable: true, configurable: true });
  }
}

export interface SystemError extends Error {}

Object.setPrototypeOf(SystemError.prototype, Error.prototype);
// As Node's: `util.inspect` shows it as an Error, and programs compare it.
Object.defineProperty(SystemError.prototype, 'constructor', {
  value: Error,
  writable: true,
  configurable: true,
});

/** Whether this is the failure of an operation of a machine. Node's own errors are not: see {@link hasCode}. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof SystemError;
}

/** Whether an error, from an operation or from Node itself, has this code. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === code;
}

function destinationOf(operation: Operation): string | undefined {
  switch (operation.op) {
    case 'link':
    case 'rename':
      return operation.to;
    case 'symlink':
      return operation.path;
    default:
      return undefined;
  }
}

function pathOf(operation: Operation): string | undefined {
  switch (operation.op) {
    case 'link':
    case 'rename':
      return operation.from;
    case 'symlink':
      return operation.target;
    case 'listen':
    case 'connect':
    case 'connectStream':
    case 'request':
      return operation.address.kind === 'unix' ? operation.address.path : undefined;
    default:
      return 'path' in operation ? operation.path : undefined;
  }
}
