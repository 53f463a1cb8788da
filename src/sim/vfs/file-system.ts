import { type Bytes, decodeText, type Operation, type ResultOf } from '../../ports/index.ts';
import type { Errno } from '../base/errno.ts';
import type { Restore } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import { type Caller, KERNEL } from './caller.ts';
import { FILE_CALLS, type FileOperation } from './calls.ts';
import type { Description } from './description.ts';
import * as faults from './faults.ts';
import type { FileCall } from './file-call.ts';
import { type DirectoryJson, type LoadOptions, load, toJson, tree } from './image.ts';
import { Inode, type NamedSocket } from './inode.ts';
import type { UnsyncedChange } from './journal.ts';
import { bindSocket, unlink } from './names.ts';
import { closeDescription } from './open.ts';
import { powerCut } from './power-cut.ts';
import { lookupSocket } from './socket.ts';
import { type FileSystemOptions, Volume } from './volume.ts';
import { lookup } from './walk.ts';

/**
 * The filesystem of a simulated machine. It behaves like ext4 used from Node 20: same results, same error codes, same order of
 * checks. Every operation is synchronous and atomic, and returns its result or an {@link Errno}.
 *
 * Not simulated: access times (as with `noatime`), extended attributes, quotas, other mounts, supplementary groups, and the
 * clearing of set-id bits by chown and write.
 */
export class FileSystem {
  readonly #volume: Volume;

  constructor(options: FileSystemOptions) {
    this.#volume = new Volume(options);
  }

  /** Carries out one operation, at once. */
  call<Name extends FileOperation>(caller: Caller, operation: Operation<Name>): ResultOf<Name> | Errno {
    const call = FILE_CALLS[operation.op] as FileCall<Name>;
    return call(this.#volume, caller, operation as never);
  }

  /** Whether a directory has this absolute path. */
  hasDirectory(path: string): boolean {
    const inode = lookup(this.#volume, KERNEL, path, true);
    return inode instanceof Inode && inode.kind === 'directory';
  }

  /** For descriptors that are not closed explicitly, at the end of a process. */
  closeDescription(description: Description): void {
    closeDescription(this.#volume, description);
  }

  bindSocket(caller: Caller, path: string, socket: NamedSocket): Errno | undefined {
    return bindSocket(this.#volume, caller, path, socket);
  }

  lookupSocket(caller: Caller, path: string): object | Errno {
    return lookupSocket(this.#volume, caller, path);
  }

  /** What was bound to a name that still leads there, whether or not a process may connect to it; `null` if there is nothing. */
  socketAt(path: string): object | null {
    const inode = lookup(this.#volume, KERNEL, path, true);
    return inode instanceof Inode ? (inode.socket ?? null) : null;
  }

  /** What libuv does when a Unix server closes: the file that has the name by now is unlinked, errors are ignored. */
  unlinkName(caller: Caller, path: string): void {
    unlink(this.#volume, caller, { path });
  }

  load(json: DirectoryJson, options?: LoadOptions): void {
    load(this.#volume, json, options);
  }

  /** All that has a name. What a power cut would leave is not part of it: see {@link FileSystem.durable}. */
  visit(into: StateVisitor): void {
    this.#volume.visit(into);
  }

  /** The time that a change now would get. */
  get nowMs(): number {
    return this.#volume.now();
  }

  /** The index of the process that has created an inode; `null` if inode numbers do not show it. */
  creatorOf(ino: number): number | null {
    return this.#volume.creatorOf(ino);
  }

  /** Whether it tracks what a power cut would leave. */
  get durable(): boolean {
    return this.#volume.journal !== null;
  }

  /** Everything that has a name, with absolute paths, parents before children. */
  entries(): Iterable<[string, Inode]> {
    return tree(this.#volume.root, '/');
  }

  toJSON(): DirectoryJson {
    return toJson(this.#volume);
  }

  lose(path: string): boolean {
    return faults.lose(this.#volume, path);
  }

  truncateTo(path: string, length: number): boolean {
    return faults.truncateTo(this.#volume, path, length);
  }

  overwrite(path: string, bytes: Bytes): boolean {
    return faults.overwrite(this.#volume, path, bytes);
  }

  contentOf(path: string): Bytes {
    return faults.contentOf(this.#volume, path);
  }

  /** Restores a file and its directories, as from a backup. */
  restore(path: string, bytes: Bytes): void {
    if (!this.overwrite(path, bytes)) this.load({ [path]: decodeText(bytes) });
  }

  filesUnder(path: string): string[] {
    return faults.filesUnder(this.#volume, path);
  }

  powerCut(keep: (change: UnsyncedChange) => boolean): void {
    powerCut(this.#volume, keep);
  }

  /** Without open files, which their descriptions save, and without what a power cut would leave. */
  save(): Restore {
    return this.#volume.save();
  }
}
