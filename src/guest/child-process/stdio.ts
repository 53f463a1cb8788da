/** What `stdio` says, and the descriptors that come of it. */
import { coded, invalidValue } from '../../ports/node-errors.ts';
import { deviceOf } from '../devices.ts';
import { GuestError } from '../modules/guest-error.ts';
import type { Caller } from '../script.ts';
import { closeNow, pairNow } from './requests.ts';

/** One descriptor of a child. */
export type Kind =
  | { readonly kind: 'pipe' | 'ipc' | 'ignore' }
  /** One of the parent's. */
  | { readonly kind: 'fd'; readonly fd: number };

/** @throws Node's errors for invalid values */
export function kindsOf(stdio: unknown, usual: string = 'pipe'): Kind[] {
  let list: unknown[];
  if (stdio === undefined || stdio === null) list = [usual, usual, usual];
  else if (typeof stdio === 'string') {
    if (!['pipe', 'overlapped', 'ignore', 'inherit'].includes(stdio)) throw bad(stdio);
    list = [stdio, stdio, stdio];
  } else if (Array.isArray(stdio)) list = [...stdio];
  else throw bad(stdio);
  while (list.length < 3) list.push(undefined);
  const kinds = list.map((each, at): Kind => {
    if (each === undefined || each === null) return { kind: at < 3 ? 'pipe' : 'ignore' };
    if (each === 'pipe' || each === 'overlapped') return { kind: 'pipe' };
    if (each === 'ignore' || each === 'ipc') return { kind: each };
    if (each === 'inherit') return { kind: 'fd', fd: at };
    if (typeof each === 'number' && Number.isInteger(each) && each >= 0) return ofParent(each);
    const fd = descriptorOf(each);
    if (fd === null) throw bad(each);
    return ofParent(fd);
  });
  if (kinds.filter(({ kind }) => kind === 'ipc').length > 1)
    throw coded(new Error('Child process can have only one IPC pipe'), 'ERR_IPC_ONE_PIPE');
  return kinds;
}

/** A descriptor of the parent: the machine does not know those of devices. */
function ofParent(fd: number): Kind {
  const device = deviceOf(fd);
  if (device === 'zero' || device === 'random')
    throw new GuestError(
      `child_process: stdio: got a descriptor of /dev/${device}: a simulated child cannot have it. Pass a file, a pipe or "ignore"`,
    );
  if (device === 'null') return { kind: 'ignore' };
  return { kind: 'fd', fd: device ?? fd };
}

function bad(value: unknown): Error {
  return invalidValue('stdio', 'is invalid', value);
}

/** Of a stream that is open. */
function descriptorOf(stream: unknown): number | null {
  if (typeof stream !== 'object' || stream === null) return null;
  const { fd, _handle: handle } = stream as { fd?: unknown; _handle?: { fd?: unknown } | null };
  if (typeof fd === 'number' && fd >= 0) return fd;
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : null;
}

/** What is passed to the child, and what its parent keeps. */
export interface Opened {
  readonly stdio: (number | null)[];
  readonly inherit: number[];
  /** The parent's end of each pipe, by the child's descriptor. */
  readonly ends: Map<number, number>;
  /** To be closed by the parent when the child has them. */
  readonly passed: number[];
}

export function openAll(caller: Caller, kinds: readonly Kind[]): Opened {
  const opened: Opened = { stdio: [], inherit: [], ends: new Map(), passed: [] };
  for (const [at, kind] of kinds.entries()) {
    let fd: number | null = null;
    if (kind.kind === 'fd') fd = kind.fd;
    else if (kind.kind !== 'ignore') {
      const { own, theirs } = pairNow(caller);
      opened.ends.set(at, own);
      opened.passed.push(theirs);
      fd = theirs;
    }
    if (at < 3) opened.stdio.push(fd);
    else if (fd !== null) opened.inherit.push(fd);
    else
      throw new GuestError(
        `child_process: stdio[${at}]: got "ignore": a simulated child gets its descriptors from 3 on without gaps. Leave it out, or pass "pipe"`,
      );
  }
  return opened;
}

/** The child was not started. */
export function closeAll(caller: Caller, { ends, passed }: Opened): void {
  closeNow(caller, [...passed, ...ends.values()]);
}
