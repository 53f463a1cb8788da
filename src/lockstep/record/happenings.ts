/** What is recorded of processes and results. */
import { FIRST_PID_NAMESPACE, isErrno, parentPid, type SimProcess, WAITS } from '../../sim/index.ts';
import { type Identity, plain, type Result, type ScriptEvent } from '../script.ts';

/** A {@link ScriptEvent} without the time. */
export type Happening = ScriptEvent extends infer Event
  ? Event extends ScriptEvent
    ? Omit<Event, 'step' | 'atMs'>
    : never
  : never;

export function identityOf(process: SimProcess): Identity {
  const { name, pid, uid, gid, command, cwd, umask, env, fds } = process;
  return {
    ...{ name, pid, ppid: parentPid(process), uid, gid, command: [...command], cwd, umask, env: { ...env } },
    descriptors: [...fds.keys()],
  };
}

export function startOf(process: SimProcess, spawned: boolean): Happening {
  const { name, pid, startTicks, uid, parent, command, program, pidNamespace, network } = process;
  return {
    kind: 'start',
    ...{ process: name, pid, startTicks, uid, parent: parent?.name ?? null, command: [...command] },
    ...{ inert: program === null, spawned, network },
    container: pidNamespace === FIRST_PID_NAMESPACE ? null : pidNamespace,
  };
}

export function resultOf(result: unknown): Result {
  if (result === WAITS) return { waits: true };
  return isErrno(result) ? { code: result.code } : { value: plain(result) };
}
