/** Errors of sockets as Node makes them: their messages, codes and properties. */
import { type ErrorCode, errorText, isErrorCode, isSystemError } from '../../ports/error.ts';
import { coded } from '../../ports/node-errors.ts';

export type SocketError = Error & { errno?: number; code?: string; syscall?: string };

/** `read ECONNRESET`, `write EPIPE`. */
export function socketError(error: unknown, syscall: string): Error {
  if (!isSystemError(error)) return error as Error;
  const { code, errno } = error;
  return Object.assign(new Error(`${syscall} ${code}`), { errno, code, syscall });
}

/** `connect ECONNREFUSED 127.0.0.1:80` */
export function connectError(error: unknown, address: string, port: number | undefined): Error {
  if (!isSystemError(error)) return error as Error;
  const { code, errno } = error;
  if (code === 'ENOTFOUND') return lookupError(address);
  const where = port === undefined ? address : `${address}:${port}`;
  const parts = { errno, code, syscall: 'connect', address, ...(port !== undefined && { port }) };
  return Object.assign(new Error(`connect ${code} ${where}`), parts);
}

/** `listen EADDRINUSE: address already in use 127.0.0.1:80`. The port of a Unix socket is -1. */
export function listenError(error: unknown, address: string, port: number): Error {
  if (!isSystemError(error)) return error as Error;
  const { code, errno } = error;
  if (code === 'ENOTFOUND') return lookupError(address);
  const text = isErrorCode(code) ? errorText(code as ErrorCode) : '';
  const where = port > 0 ? `${address}:${port}` : address;
  const parts = { code, errno, syscall: 'listen', address, ...(port !== 0 && { port }) };
  return Object.assign(new Error(`listen ${code}: ${text} ${where}`), parts);
}

export function lookupError(hostname: string): Error {
  const parts = { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname };
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), parts);
}

export function closedError(): Error {
  return coded(new Error('This socket has been ended by the other party'), 'EPIPE');
}

export function notRunning(): Error {
  return coded(new Error('Server is not running.'), 'ERR_SERVER_NOT_RUNNING');
}

export function alreadyListens(): Error {
  const message = 'Listen method has been called more than once without closing.';
  return coded(new Error(message), 'ERR_SERVER_ALREADY_LISTEN');
}

export function closedBefore(): Error {
  const message = 'Socket closed before the connection was established';
  return coded(new Error(message), 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION');
}

export function socketClosed(): Error {
  return coded(new Error('Socket is closed'), 'ERR_SOCKET_CLOSED');
}
