import { type ErrorCode, isErrorCode, isSystemError, type Operation, SystemError } from '../ports/index.ts';

/** Where one operation's outcome goes. Only the first call counts. */
export interface Reply<Result> {
  resolve(value: Result): void;
  reject(error: unknown): void;
}

/** Withdraws an operation that waits. */
export type Cancel = () => void;

/** A failure of ours on its way to {@link toSystemError}, which knows the operation. */
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

/** The same for callbacks that bring no value. */
export function settleVoid(reply: Reply<void>) {
  return (error?: Error | null): void => {
    if (error) reply.reject(error);
    else reply.resolve();
  };
}

/** Node's own codes for what a system call would have refused, and the HTTP parser's. */
const TRANSLATED: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^HPE_/, 'ECONNRESET'],
  [/^ERR_DIR_CLOSED$/, 'EBADF'],
  [/^ERR_(INVALID_ARG|OUT_OF_RANGE|UNESCAPED_CHARACTERS|SOCKET_BAD_PORT|HTTP_INVALID_STATUS)/, 'EINVAL'],
];

/** Node's error in our shape. What our table of codes lacks becomes EIO; then `cause` is Node's error. */
export function toSystemError(error: unknown, operation: Operation): SystemError {
  if (isSystemError(error)) return error;
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (isErrorCode(code)) return new SystemError(code, operation);
  const translated = TRANSLATED.find(([pattern]) => typeof code === 'string' && pattern.test(code));
  const result = new SystemError(translated?.[1] ?? 'EIO', operation);
  result.cause = error;
  return result;
}
