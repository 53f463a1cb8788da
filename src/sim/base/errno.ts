import type { ErrorCode } from '../../ports/index.ts';

/**
 * A failure inside the simulated machine, as a value: failing is as common as succeeding there, and throwing costs
 * a thousand times more. The kernel makes a `SystemError` of it at the seam.
 */
export class Errno {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    this.code = code;
    Object.freeze(this);
  }
}

/** The one {@link Errno} of each code, so that they can be compared by identity. */
export const EPERM = new Errno('EPERM');
export const ENOENT = new Errno('ENOENT');
export const ESRCH = new Errno('ESRCH');
export const EINTR = new Errno('EINTR');
export const EIO = new Errno('EIO');
export const ENXIO = new Errno('ENXIO');
export const EBADF = new Errno('EBADF');
export const ECHILD = new Errno('ECHILD');
export const EAGAIN = new Errno('EAGAIN');
export const ENOMEM = new Errno('ENOMEM');
export const EACCES = new Errno('EACCES');
export const EBUSY = new Errno('EBUSY');
export const EEXIST = new Errno('EEXIST');
export const EXDEV = new Errno('EXDEV');
export const ENOTDIR = new Errno('ENOTDIR');
export const EISDIR = new Errno('EISDIR');
export const EINVAL = new Errno('EINVAL');
export const ENFILE = new Errno('ENFILE');
export const EMFILE = new Errno('EMFILE');
export const EFBIG = new Errno('EFBIG');
export const ENOSPC = new Errno('ENOSPC');
export const ESPIPE = new Errno('ESPIPE');
export const EROFS = new Errno('EROFS');
export const EMLINK = new Errno('EMLINK');
export const EPIPE = new Errno('EPIPE');
export const ENAMETOOLONG = new Errno('ENAMETOOLONG');
export const ENOSYS = new Errno('ENOSYS');
export const ENOTEMPTY = new Errno('ENOTEMPTY');
export const ELOOP = new Errno('ELOOP');
export const ENOTSOCK = new Errno('ENOTSOCK');
export const EADDRINUSE = new Errno('EADDRINUSE');
export const EADDRNOTAVAIL = new Errno('EADDRNOTAVAIL');
export const ECONNRESET = new Errno('ECONNRESET');
export const ETIMEDOUT = new Errno('ETIMEDOUT');
export const ECONNREFUSED = new Errno('ECONNREFUSED');
export const ENOTFOUND = new Errno('ENOTFOUND');

const BY_CODE: ReadonlyMap<ErrorCode, Errno> = new Map(
  [
    EPERM,
    ENOENT,
    ESRCH,
    EINTR,
    EIO,
    ENXIO,
    EBADF,
    ECHILD,
    EAGAIN,
    ENOMEM,
    EACCES,
    EBUSY,
    EEXIST,
    EXDEV,
    ENOTDIR,
    EISDIR,
    EINVAL,
    ENFILE,
    EMFILE,
    EFBIG,
    ENOSPC,
    ESPIPE,
    EROFS,
    EMLINK,
    EPIPE,
    ENAMETOOLONG,
    ENOSYS,
    ENOTEMPTY,
    ELOOP,
    ENOTSOCK,
    EADDRINUSE,
    EADDRNOTAVAIL,
    ECONNRESET,
    ETIMEDOUT,
    ECONNREFUSED,
    ENOTFOUND,
  ].map((errno) => [errno.code, errno]),
);

/** For codes that come from outside as data (a scenario's faults). */
export function errnoOf(code: ErrorCode): Errno {
  return BY_CODE.get(code)!;
}

export function isErrno(value: unknown): value is Errno {
  return value instanceof Errno;
}
