import { OPEN } from '../ports/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { plannedFaults } from '../scenario/index.ts';
import {
  DirectoryDescription,
  FileDescription,
  isListener,
  type ParkedOperation,
  type SimMachine,
  type SimProcess,
} from '../sim/index.ts';
import { type Assumptions, assumptionsFor, isHarmless } from './assumptions.ts';
import { type Paths, parentOf, plainPath } from './paths.ts';
import { lookAt } from './witness.ts';

/**
 * Tells operations that commute with all that others can do: whether they happen now or later makes no difference, so they
 * happen at once. (A persistent set of one, in the words of partial-order reduction.) That their process, once it has the
 * result, marks something or begins to wait can be seen, however: then the search takes it back.
 *
 * `silent`: it makes no difference either whether something strikes before it or after. `private`: for its own process it
 * does; so faults may strike first, but nobody else goes on. What becomes of a file that nobody else looks at is no difference:
 * whether it is left there, and what it holds, when its process is killed.
 */
export type Independence = 'silent' | 'private' | null;

export class Independent {
  readonly assumptions: Assumptions;
  readonly #syncs: boolean;
  readonly #closes: boolean;
  /** Time passes only when nobody can go on. */
  readonly #timeStands: boolean;
  /** The wall clock does not jump either. */
  readonly #wallStands: boolean;
  /** What a machine is called does not change. */
  readonly #nameStays: boolean;
  /** A fault may leave traces where it finds nothing to strike: striking before an operation and after it are different. */
  readonly #strikesInVain: boolean;

  constructor(scenario: Scenario) {
    const { machine } = scenario;
    const faults = plannedFaults(scenario);
    this.#syncs = isHarmless(scenario) && machine.durable !== true;
    // The number of an inode that nobody has open any more may be free for the next file.
    this.#closes = machine.inodes === 'by-creator';
    this.#timeStands = machine.operationUs === 0 && machine.busyMs === 0 && !faults.includes('stop');
    this.#wallStands = !faults.includes('clock-jump') && !faults.includes('suspend');
    // A process that finds the TCP port taken has used up a PID.
    this.#strikesInVain = faults.includes('port-grab');
    this.#nameStays = !faults.includes('host-name');
    this.assumptions = assumptionsFor(scenario);
  }

  of(machine: SimMachine, { process, operation, ordinal }: ParkedOperation, paths: Paths): Independence {
    // Which of several results it learns first can decide what it does, and another process can bring one about.
    if (process.pending > 1 || this.#strikesInVain) return null;
    const { directoriesStay, contentsStay } = this.assumptions;
    switch (operation.op) {
      case 'self':
        // The first operation is the start of the program. Else: whose parent may end may see another one.
        return ordinal === 0 || (this.#nameStays && process.parent === null) ? 'silent' : null;
      case 'processInfo':
        return operation.pid === process.pid && process.parent === null ? 'silent' : null;
      case 'random':
        return 'silent';
      case 'clock':
        return this.#timeStands && (this.#wallStands || operation.which === 'monotonic') ? 'silent' : null;
      case 'fsync':
        return this.#syncs ? 'silent' : null;
      case 'close': {
        const description = process.fds.get(operation.fd);
        return this.#closes && description !== undefined && !isListener(description) ? 'silent' : null;
      }
      case 'open':
        if ((operation.flags & OPEN.O_CREAT) !== 0)
          return this.#createsOwn(machine, process, operation.path, paths) ? 'silent' : null;
        return directoriesStay && isDirectory(machine, process, operation.path) ? 'silent' : null;
      case 'unlink':
        return this.#removesOwn(machine, process, operation.path, paths) ? 'private' : null;
      case 'opendir':
      case 'realpath':
        return directoriesStay && isDirectory(machine, process, operation.path) ? 'silent' : null;
      case 'readdir': {
        // The first step has read it whole.
        const description = process.fds.get(operation.fd);
        return description instanceof DirectoryDescription && description.isRead ? 'silent' : null;
      }
      case 'read': {
        const file = process.fds.get(operation.fd);
        return contentsStay && file instanceof FileDescription && file.refs === 1 ? 'silent' : null;
      }
      case 'write':
      case 'ftruncate':
        return this.#isDraft(machine, process, operation.fd) ? 'silent' : null;
      default:
        return null;
    }
  }

  /** A file where there is none, at a path that nobody else looks at. */
  #createsOwn(machine: SimMachine, process: SimProcess, named: string, paths: Paths): boolean {
    const path = this.#ownPath(machine, process, named);
    return path !== null && paths.mayCreate(process, path) && lookAt(machine, process, path) === null;
  }

  /** The name under which it has created a file; others may know that under another one. */
  #removesOwn(machine: SimMachine, process: SimProcess, named: string, paths: Paths): boolean {
    if (!this.assumptions.linksUncounted) return false;
    const path = this.#ownPath(machine, process, named);
    return path !== null && paths.isOwn(process, path);
  }

  /** Null: what happens to files there can be seen by others, be it by the time of the directory's last change. */
  #ownPath(machine: SimMachine, process: SimProcess, named: string): string | null {
    const { draftsPrivate, directoriesStay, pathsPlain, filesUnwatched } = this.assumptions;
    if (!draftsPrivate || !directoriesStay || !pathsPlain || !filesUnwatched || !this.#timeStands)
      return null;
    const path = plainPath(process, named);
    if (path === null || path === '/') return null;
    const directory = lookAt(machine, process, parentOf(path));
    return directory?.kind === 'directory' && directory.mtimeMs === machine.fs.nowMs ? path : null;
  }

  #isDraft(machine: SimMachine, process: SimProcess, fd: number): boolean {
    const file = process.fds.get(fd);
    const { draftsPrivate, filesUnwatched } = this.assumptions;
    if (!draftsPrivate || !filesUnwatched || !this.#timeStands || !(file instanceof FileDescription))
      return false;
    const { inode } = file;
    return inode.nlink === 1 && inode.opens === 1 && machine.fs.creatorOf(inode.ino) === process.index;
  }
}

function isDirectory(machine: SimMachine, process: SimProcess, path: string): boolean {
  return lookAt(machine, process, path)?.kind === 'directory';
}
