/** Calls whose failure is an answer: the steps that nearly every program of a system takes. */
import {
  type Address,
  type Answer,
  type ErrorCode,
  hasCode,
  isSystemError,
  type Ports,
  type Signal,
} from '../../ports/index.ts';

/** What an operation gives, or `instead` if it fails: with one of these codes, or, if none is named, with any system error. */
export async function orElse<T, U>(operation: Promise<T>, instead: U, ...codes: ErrorCode[]): Promise<T | U> {
  try {
    return await operation;
  } catch (error) {
    if (codes.length === 0 ? isSystemError(error) : codes.some((code) => hasCode(error, code)))
      return instead;
    throw error;
  }
}

/** The answer to a request; null if there was none within `timeoutMs`. */
export function ask(
  { probe }: Pick<Ports, 'probe'>,
  address: Address,
  path: string,
  timeoutMs: number,
): Promise<Answer | null> {
  return orElse(probe.request(address, { path, body: '' }, timeoutMs), null);
}

/** Answers a request, unless its sender has gone. */
export function answer(
  { net }: Pick<Ports, 'net'>,
  request: number,
  body: string,
  status = 200,
): Promise<void> {
  return orElse(net.answer(request, { status, body }), undefined);
}

/** The descriptor of a listener; null if another process listens there. */
export function listenIfFree({ net }: Pick<Ports, 'net'>, address: Address): Promise<number | null> {
  return orElse(net.listen(address), null, 'EADDRINUSE');
}

/** Sends a signal to a PID, or to a group (negative), if it is there and may be signalled. */
export function signal({ process }: Pick<Ports, 'process'>, pid: number, name: Signal): Promise<void> {
  return orElse(process.kill(pid, name), undefined);
}

/** Whether any process has the PID. EPERM: one of another user has it. */
export async function isPidAlive({ process }: Pick<Ports, 'process'>, pid: number): Promise<boolean> {
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** When a file was last modified, in milliseconds of the wall clock; null if it does not exist. */
export async function mtimeOf({ fs }: Pick<Ports, 'fs'>, path: string): Promise<number | null> {
  return (await orElse(fs.stat(path), null, 'ENOENT'))?.mtimeMs ?? null;
}

/** Whether a file is there. Unlike `fs.exists`: a file that cannot be looked at is not there. */
export async function isThere({ fs }: Pick<Ports, 'fs'>, path: string): Promise<boolean> {
  return (await orElse(fs.stat(path), null)) !== null;
}

/** What a JSON text says, whatever its shape; null if it is not JSON. */
export function parseAny<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T | null;
  } catch {
    return null;
  }
}

export function ignore(): void {}
