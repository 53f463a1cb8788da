import { type ErrorCode, isErrorCode, isSystemError, type Operation, SystemError } from '../ports/index.ts';

/** Receives the outcome of one operation. Only the first call counts. */
export interface Reply<Result> {
  resolve(value: Result): void;
  reject(error: unknown): void;
}

/** Withdraws an operation that is waiting. */
export type Cancel = () => void;

/** An error code that {@link toSystemError} turns into an error of the operation. */
export class Failure extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(code);
    this.code = code;
  }
}

/** For Node's callback functions. */
export function settle<Result>(reply: Reply<Result>) {
  return (error: Error | null, value: Result): void => {
    if (error) reply.reject(error);
    else reply.resolve(value);
  };
}

/** The same for callbacks without a value. */
export function settleVoid(reply: Reply<void>) {
  return (error?: Error | null): void => {
    if (error) reply.reject(error);
    else reply.resolve();
  };
}

/** Node's own codes for what a system call would have rejected, and those of the HTTP parser. */
const TRANSLATED: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^HPE_/, 'ECONNRESET'],
  [/^ERR_DIR_CLOSED$/, 'EBADF'],
  [/^ERR_(INVALID_ARG|OUT_OF_RANGE|UNESCAPED_CHARACTERS|SOCKET_BAD_PORT|HTTP_INVALID_STATUS)/, 'EINVAL'],
];

/** Names the file of the system that an operation without a path of its own could not read. */
function withFile(failure: SystemError, error: unknown): SystemError {
  const { path } = error as { path?: unknown };
  if (typeof path === 'string' && failure.path === undefined) failure.message += ` '${path}'`;
  return failure;
}

/** Converts an error of Node. A code that our table does not have becomes EIO, with Node's error as `cause`. */
export function toSystemError(error: unknown, operation: Operation): SystemError {
  if (isSystemError(error)) return error;
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (isErrorCode(code)) return withFile(new SystemError(code, operation), error);
  const translated = TRANSLATED.find(([pattern]) => typeof code === 'string' && pattern.test(code));
  const result = new SystemError(translated?.[1] ?? 'EIO', operation);
  result.cause = error;
  return result;
}
