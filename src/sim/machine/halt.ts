import type { SimProcess } from '../records/process.ts';
import { isListener } from '../records/sockets.ts';

/** Why a machine does not go on: the run must end at once. */
export interface Halt {
  readonly reason: string;
  readonly process: SimProcess | null;
  readonly message: string;
}

/** After the microtasks of a step are drained: its process has nothing left to wait for. `null` if it has. */
export function deadlockOf(process: SimProcess): Halt | null {
  if (!process.alive || process.runnable.length > 0 || process.waiting > 0) return null;
  // A socket that listens keeps a process going, whether or not the program accepts.
  for (const description of process.fds.values()) if (isListener(description)) return null;
  const message = `${process.name} waits for a promise that nothing can settle: no operation, timer or child of it is pending`;
  return { reason: 'deadlock', process, message };
}

/** Real processes share no memory: code of one that runs in the step of another is a mistake of the scenario. */
export function sharedMemory(process: SimProcess, current: SimProcess | null): Halt {
  const message = `${process.name} went on in a step of ${current?.name ?? 'no process'}: programs must share no variables`;
  return { reason: 'shared-memory', process, message };
}
