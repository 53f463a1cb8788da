/** What a process asks the machine for when it starts another one. */
import type { Operation, SpawnRequest } from '../../ports/index.ts';
import { type Caller, executeNow } from '../script.ts';

export interface StartRequest extends SpawnRequest {
  readonly stdio?: readonly (number | null)[];
  readonly cwd?: string;
  readonly clearEnv?: boolean;
}

/** Two descriptors that are connected. */
export interface Pair {
  readonly own: number;
  readonly theirs: number;
}

/** What Node makes of `pipe`: a pair of sockets. */
export function pairNow(caller: Caller): Pair {
  const { fd, otherFd } = executeNow(caller, { op: 'socketpair' } as unknown as Operation) as {
    fd: number;
    otherFd: number;
  };
  return { own: fd, theirs: otherFd };
}

export function spawnOperation(request: StartRequest): Operation {
  return { op: 'spawn', ...request };
}

export function closeNow(caller: Caller, fds: readonly number[]): void {
  for (const fd of fds) executeNow(caller, { op: 'close', fd });
}
