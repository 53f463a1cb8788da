/** The processes that a confined process sees, and may signal: those of its trial, which have a secret word in their environment. */
import type { Host } from '../../node/host.ts';
import { Failure } from '../../node/reply.ts';
import type { Operation, ProcessInfo } from '../../ports/index.ts';

export class Visible {
  readonly #host: Host;
  readonly #isOurs: (pid: number) => boolean;
  readonly #prefix: readonly string[];

  /**
   * @param isOurs whether a process belongs to the trial
   * @param prefix how the command line of each process of the trial begins: what follows is what the program calls its command
   */
  constructor(host: Host, isOurs: (pid: number) => boolean, prefix: readonly string[]) {
    this.#host = host;
    this.#isOurs = isOurs;
    this.#prefix = prefix;
  }

  list(): number[] {
    return this.#host.listProcesses().filter((pid) => this.#isOurs(pid));
  }

  /** @throws ESRCH for a process that does not belong to the trial, as in a PID namespace of its own */
  info(pid: number): ProcessInfo {
    const info = this.#host.processInfo(pid);
    if (!this.#isOurs(pid) || this.#host.startTicks(pid) !== info.startTicks) throw new Failure('ESRCH');
    return { ...info, command: commandOf(info.command, this.#prefix) };
  }

  /**
   * The same signal, pinned to the process that was looked at: by its start time, so that no other with this PID is hit. All members
   * of a group must belong to the trial.
   *
   * @throws ESRCH, and EPERM for a group with others
   */
  pinned(operation: Operation<'kill'>): Operation<'kill'> {
    const { pid, startTicks } = operation;
    if (pid === 0 || pid === -1) throw new Failure('EPERM');
    const target = pid > 0 ? this.info(pid) : this.#leaderOf(-pid);
    if (target === null) return operation;
    if (startTicks !== null && startTicks !== target.startTicks) throw new Failure('ESRCH');
    return { ...operation, startTicks: target.startTicks };
  }

  /** Null if the leader has ended, and others of its group have not: then there is no start time to pin it to. */
  #leaderOf(pgid: number): ProcessInfo | null {
    const members = this.#host.listProcesses().flatMap((pid) => {
      try {
        const info = this.#host.processInfo(pid);
        return info.pgid === pgid && info.state !== 'zombie' ? [info] : [];
      } catch {
        // It has ended.
        return [];
      }
    });
    if (members.length === 0) throw new Failure('ESRCH');
    if (!members.every(({ pid }) => this.#isOurs(pid))) throw new Failure('EPERM');
    return members.find(({ pid }) => pid === pgid) ?? null;
  }
}

/** Empty for a process of another command, such as one that is between fork(2) and execve(2). */
export function commandOf(command: readonly string[], prefix: readonly string[]): readonly string[] {
  return prefix.every((word, at) => command[at] === word) ? command.slice(prefix.length) : [];
}
