/** Compares what an operation has really come to with the simulation. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type {
  Address,
  DirectoryEntry,
  Holder,
  Incoming,
  ProcessInfo,
  Self,
  Stat,
} from '../../ports/index.ts';
import type { Outcome } from '../protocol.ts';
import { type PerformEvent, plain } from '../script.ts';
import { Difference } from './difference.ts';
import type { Member } from './member.ts';
import type { Names } from './names.ts';

/** Notes a deviation that makes no difference to a program. */
export type Allow = (what: string) => void;

export class Comparison {
  readonly #names: Names;
  readonly #allow: Allow;
  /** From inode numbers of the simulation to real ones. */
  readonly #inodes = new Map<number, number>();

  constructor(names: Names, allow: Allow) {
    this.#names = names;
    this.#allow = allow;
  }

  /** Also keeps the real names in the result: descriptors, ports. @throws Difference */
  compare(member: Member, event: PerformEvent, real: Outcome): void {
    const { operation, result } = event;
    if ('waits' in result) return;
    if ('code' in result || 'code' in real) {
      const [a, b] = [result, real].map((each) => ('code' in each ? each.code : null));
      if (a === b) return;
      // Whether a server already knows that its client is gone is a choice of the schedule.
      const isChoice = operation.op === 'answer' && [a, b].every((code) => code === null || code === 'EPIPE');
      if (!isChoice) throw differing(event, real);
      this.#allow('whether a server knows that its client is gone');
      return;
    }
    const equal = this.#check(member, event, result.value as never, real.value as never);
    if (equal !== true)
      throw new Difference(`${operation.op} has another result`, event, result.value, equal);
  }

  /** @returns true, or the real value with the simulated names */
  // biome-ignore lint/suspicious/noExplicitAny: the type of a result depends on the operation
  #check(member: Member, { operation }: PerformEvent, sim: any, real: any): unknown {
    const same = (translated: unknown, as: unknown = sim): unknown =>
      isDeepStrictEqual(plain(as), plain(translated)) || translated;
    switch (operation.op) {
      case 'open':
      case 'listen':
      case 'acceptStream':
      case 'connectStream':
        member.fds.set(sim, real);
        return true;
      case 'pipe':
      case 'socketpair':
        for (const name of Object.keys(sim)) member.fds.set(sim[name], real[name]);
        return true;
      case 'opendir':
        member.fds.set(sim, real);
        member.directories.set(sim, {
          ...{ path: path.posix.resolve(member.cwd, operation.path), seen: new Set<string>() },
          names: namesIn(this.#names.root, path.posix.resolve(member.cwd, operation.path)),
        });
        return true;
      case 'close':
        member.fds.delete(operation.fd);
        return true;
      case 'accept': {
        const [a, b] = [sim as Incoming, real as Incoming];
        member.fds.set(a.request, b.request);
        return same({ path: b.path, body: b.body }, { path: a.path, body: a.body });
      }
      case 'stat':
      case 'lstat':
      case 'fstat':
        return this.#stat(sim, real, same);
      case 'statfs':
        this.#allow('the type of the filesystem');
        return true;
      case 'readlink':
      case 'realpath':
        return same(String(real).replace(this.#names.root, '') || '/');
      case 'getsockname':
        return this.#address(member, sim, real, same);
      case 'getpeername':
        return true;
      case 'self': {
        const { pid, ppid, uid } = real as Self;
        const seen = {
          pid: pid === member.innerPid ? sim.pid : pid,
          ppid: this.#names.simPid(ppid, member),
          uid: this.#names.simUid(uid),
        };
        return same(seen, { pid: sim.pid, ppid: sim.ppid, uid: sim.uid });
      }
      case 'processInfo':
        return this.#processInfo(member, sim, real, same);
      case 'listProcesses': {
        const inside = (real as number[]).flatMap((pid) => {
          const seen = this.#names.seenAt(pid, member);
          return seen?.started.container === member.started.container ? [seen.started.pid] : [];
        });
        return same(inside.sort((a, b) => a - b));
      }
      case 'spawn':
        return true;
      case 'holders': {
        const line = ({ pid, uid, host }: Record<keyof Holder, unknown>): string => `${pid} ${uid} ${host}`;
        const holders = (real as Holder[]).map(({ pid, uid, host }) =>
          line({
            pid: pid === null ? null : this.#names.simPid(pid, member),
            uid: this.#names.simUid(uid),
            host,
          }),
        );
        return same(holders.sort(), (sim as Holder[]).map(line).sort());
      }
      default:
        return same(real);
    }
  }

  #stat(sim: Stat, real: Stat, same: (real: unknown, sim: unknown) => unknown): unknown {
    const seen = ({ kind, uid, gid, mode, nlink, size }: Stat) => ({
      ...{ kind, uid, gid, mode },
      ...(kind !== 'directory' && { nlink }),
      ...(kind === 'file' && { size }),
    });
    const known = this.#inodes.get(sim.ino);
    if (known !== undefined && known !== real.ino) this.#allow('which inode numbers are given again');
    this.#inodes.set(sim.ino, real.ino);
    const { simUid } = this.#names;
    const uid = simUid.call(this.#names, real.uid);
    return same(seen({ ...real, uid, gid: simUid.call(this.#names, real.gid) }), seen(sim));
  }

  #address(
    { started: { network } }: Member,
    sim: Address,
    real: Address,
    same: (real: unknown, sim?: unknown) => unknown,
  ): unknown {
    if (sim.kind === 'unix' || real.kind === 'unix') return same(real.kind, sim.kind);
    const known = this.#names.simPort(network, real.tcpPort);
    if (known === undefined) this.#names.portGiven(network, sim.tcpPort, real.tcpPort);
    return same({ ...real, tcpPort: known ?? sim.tcpPort });
  }

  #processInfo(
    member: Member,
    sim: ProcessInfo,
    real: ProcessInfo,
    same: (real: unknown) => unknown,
  ): unknown {
    const names = this.#names;
    const seen = names.seenAt(real.pid, member);
    // The init of the machine, or of a container.
    if (sim.pid === 1 && seen === undefined) return true;
    const pid = (of: number): number | string =>
      of === 0 && real.pid === 1 ? 0 : of === 0 ? 1 : names.simPid(of, member);
    return same({
      ...{ pid: pid(real.pid), ppid: pid(real.ppid), pgid: pid(real.pgid), sid: pid(real.sid) },
      uid: names.simUid(real.uid),
      startTicks: seen !== undefined && real.startTicks === seen.startTicks ? seen.started.startTicks : -1,
      state: real.state,
      command: seen === undefined || seen.started.inert ? sim.command : commandOf(real.command),
    });
  }

  /** Names come in the order and number of the simulation. @throws Difference for one that is not there, or was left out */
  readdir(member: Member, event: PerformEvent): void {
    const { operation, result } = event;
    if (operation.op !== 'readdir' || !('value' in result)) return;
    const directory = member.directories.get(operation.fd);
    if (directory === undefined) return;
    const now = namesIn(this.#names.root, directory.path);
    const entries = result.value as DirectoryEntry[];
    for (const { name } of entries) {
      directory.seen.add(name);
      if (now.includes(name)) continue;
      if (!directory.names.includes(name))
        throw new Difference('readdir names a file that is not there', event, name, now);
      this.#allow('a directory is read while a name in it goes');
    }
    if (entries.length > 0) return;
    const missed = directory.names.filter(
      (name) => now.includes(name) && !directory.seen.has(name) && name.startsWith(operation.prefix ?? ''),
    );
    if (missed.length > 0)
      throw new Difference('readdir leaves names out', event, [...directory.seen], missed);
  }
}

function differing(event: PerformEvent, real: Outcome): Difference {
  const what = `${event.operation.op} has another result`;
  return new Difference(what, event, event.result, 'code' in real ? { code: real.code } : real);
}

/** How the command line of a process that follows goes on after Node and its entry. */
function commandOf(command: readonly string[]): readonly string[] {
  return command[0] === process.execPath ? command.slice(2) : command;
}

function namesIn(root: string, directory: string): string[] {
  try {
    return readdirSync(root + directory);
  } catch {
    return [];
  }
}
