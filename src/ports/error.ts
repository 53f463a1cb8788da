import type { Operation } from './operation.ts';

/** Linux numbers and the texts of libuv's `uv_strerror`, for the codes that our operations can give. */
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
  /** libuv's number and text, not Linux's: a host name that means nothing. */
  ENOTFOUND: [3008, 'unknown node or service'],
} as const satisfies Record<string, readonly [number, string]>;

/** The codes that operations fail with, as in Node: `ENOENT`, `EEXIST`, … */
export type ErrorCode = keyof typeof CODES;

/** Whether it is one of the codes that operations fail with. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(CODES, code);
}

/** libuv's text for a code. */
export function errorText(code: ErrorCode): string {
  return CODES[code][1];
}

/**
 * An operation's failure in the shape of Node's: `errno` (negative), `code`, `syscall`, `path`, `dest`, `address`, `port`, Node's message,
 * and, as with Node's asynchronous failures, no stack trace. It is an `Error` by its prototype, but made without calling
 * the constructor of `Error`: that costs as much as a whole step of a simulation.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the prototype is set below, so the members are there.
export class SystemError {
  readonly errno: number;
  readonly code: ErrorCode;
  readonly syscall: string;
  declare readonly path?: string;
  declare readonly dest?: string;
  /** The host of a TCP address, as it was asked for. */
  declare readonly address?: string;
  /** The TCP port of one. */
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

  /** Whoever catches an error may change its text, as with any other. */
  set message(message: string) {
    Object.defineProperty(this, 'message', { value: message, writable: true, configurable: true });
  }

  set stack(stack: string) {
    Object.defineProperty(this, 'stack', { value: stack, writable: true, configurable: true });
  }
}

export interface SystemError extends Error {}

Object.setPrototypeOf(SystemError.prototype, Error.prototype);

/** Whether an operation of a machine has failed with it. Node's own errors are none: see {@link hasCode}. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof SystemError;
}

/** Whether an error, ours or Node's, has this code. */
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
    case 'request':
      return operation.address.kind === 'unix' ? operation.address.path : undefined;
    default:
      return 'path' in operation ? operation.path : undefined;
  }
}
