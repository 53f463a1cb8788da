import { type Bytes, type DirectoryEntry, decodeText, OPEN, type Stat } from '../../ports/index.ts';
import type { StateHasher } from '../kernel/digest.ts';
import { type Errno, isErrno } from '../kernel/errno.ts';
import type { Restore } from '../kernel/snapshot.ts';
import * as attributes from './attributes.ts';
import type { Caller, Description } from './caller.ts';
import * as content from './content.ts';
import { opendir, readdir } from './directory.ts';
import * as faults from './faults.ts';
import { type DirectoryJson, type LoadOptions, load, toJson } from './image.ts';
import type { UnsyncedChange } from './journal.ts';
import * as names from './names.ts';
import { close, closeDescription, open } from './open.ts';
import { powerCut } from './power-cut.ts';
import { rename } from './rename.ts';
import { lookupSocket } from './socket.ts';
import { type FileSystemOptions, Volume } from './volume.ts';

/**
 * The inode table of a simulated machine. Behaves as ext4 through Node 20: same results, same error codes, same order
 * of checks. Every operation is synchronous, happens at once, and gives its result or an {@link Errno}.
 *
 * Left out: access times (as mounted with `noatime`), extended attributes, quotas, other mounts, supplementary groups,
 * and that chown and write clear set-id bits.
 */
export class FileSystem {
  readonly #volume: Volume;

  constructor(options: FileSystemOptions) {
    this.#volume = new Volume(options);
  }

  open(caller: Caller, path: string, flags: number, mode: number): number | Errno {
    const fd = open(this.#volume, caller, path, flags, mode);
    return (flags & (OPEN.O_CREAT | OPEN.O_TRUNC)) === 0 ? fd : this.#changed(fd);
  }

  /** Of descriptors of the kernel's own kinds this only drops the reference. */
  close(caller: Caller, fd: number): Errno | undefined {
    return close(this.#volume, caller, fd);
  }

  /** For descriptors that end without close: a process's at its end. */
  closeDescription(description: Description): void {
    closeDescription(this.#volume, description);
  }

  read(caller: Caller, fd: number, length: number, position: number | null): Bytes | Errno {
    return content.read(caller, fd, length, position);
  }

  write(caller: Caller, fd: number, data: Bytes, position: number | null): number | Errno {
    return this.#changed(content.write(this.#volume, caller, fd, data, position));
  }

  ftruncate(caller: Caller, fd: number, length: number): Errno | undefined {
    return this.#changed(content.ftruncate(this.#volume, caller, fd, length));
  }

  fsync(caller: Caller, fd: number): Errno | undefined {
    return this.#changed(content.fsync(this.#volume, caller, fd));
  }

  fstat(caller: Caller, fd: number): Stat | Errno {
    return attributes.fstat(caller, fd);
  }

  stat(caller: Caller, path: string): Stat | Errno {
    return attributes.stat(this.#volume, caller, path);
  }

  lstat(caller: Caller, path: string): Stat | Errno {
    return attributes.lstat(this.#volume, caller, path);
  }

  access(caller: Caller, path: string, mode: number): Errno | undefined {
    return attributes.access(this.#volume, caller, path, mode);
  }

  chmod(caller: Caller, path: string, mode: number): Errno | undefined {
    return this.#changed(attributes.chmod(this.#volume, caller, path, mode));
  }

  chown(caller: Caller, path: string, uid: number, gid: number): Errno | undefined {
    return this.#changed(attributes.chown(this.#volume, caller, path, uid, gid));
  }

  fchmod(caller: Caller, fd: number, mode: number): Errno | undefined {
    return this.#changed(attributes.fchmod(this.#volume, caller, fd, mode));
  }

  futimes(caller: Caller, fd: number, atimeMs: number, mtimeMs: number): Errno | undefined {
    return this.#changed(attributes.futimes(this.#volume, caller, fd, atimeMs, mtimeMs));
  }

  utimes(caller: Caller, path: string, atimeMs: number, mtimeMs: number): Errno | undefined {
    return this.#changed(attributes.utimes(this.#volume, caller, path, atimeMs, mtimeMs));
  }

  link(caller: Caller, from: string, to: string): Errno | undefined {
    return this.#changed(names.link(this.#volume, caller, from, to));
  }

  symlink(caller: Caller, target: string, path: string): Errno | undefined {
    return this.#changed(names.symlink(this.#volume, caller, target, path));
  }

  readlink(caller: Caller, path: string): string | Errno {
    return attributes.readlink(this.#volume, caller, path);
  }

  realpath(caller: Caller, path: string): string | Errno {
    return attributes.realpath(this.#volume, caller, path);
  }

  rename(caller: Caller, from: string, to: string): Errno | undefined {
    return this.#changed(rename(this.#volume, caller, from, to));
  }

  unlink(caller: Caller, path: string): Errno | undefined {
    return this.#changed(names.unlink(this.#volume, caller, path));
  }

  mkdir(caller: Caller, path: string, mode: number): Errno | undefined {
    return this.#changed(names.mkdir(this.#volume, caller, path, mode));
  }

  rmdir(caller: Caller, path: string): Errno | undefined {
    return this.#changed(names.rmdir(this.#volume, caller, path));
  }

  opendir(caller: Caller, path: string): number | Errno {
    return opendir(this.#volume, caller, path);
  }

  readdir(caller: Caller, fd: number, prefix = ''): DirectoryEntry[] | Errno {
    return readdir(this.#volume, caller, fd, prefix);
  }

  bindSocket(caller: Caller, path: string, socket: object): Errno | undefined {
    return this.#changed(names.bindSocket(this.#volume, caller, path, socket));
  }

  lookupSocket(caller: Caller, path: string): object | Errno {
    return lookupSocket(this.#volume, caller, path);
  }

  /** What libuv does when a Unix server closes: whatever bears the name by now is unlinked, errors are ignored. */
  unlinkName(caller: Caller, path: string): void {
    this.unlink(caller, path);
  }

  load(json: DirectoryJson, options?: LoadOptions): void {
    this.#volume.touch();
    load(this.#volume, json, options);
  }

  /**
   * For telling states apart. What a power cut would leave is not told: see {@link FileSystem.durable}.
   *
   * @returns what listens on sockets, in the order in which they were told
   */
  digest(digest: StateHasher): readonly object[] {
    return this.#volume.digest(digest).sockets;
  }

  /** What a change now would be dated. */
  get nowMs(): number {
    return this.#volume.now();
  }

  /** Who has created an inode, by its number; null: nobody of whom it would tell. */
  creatorOf(ino: number): number | null {
    return this.#volume.creatorOf(ino);
  }

  /** Whether it keeps track of what a power cut would leave. */
  get durable(): boolean {
    return this.#volume.journal !== null;
  }

  toJSON(): DirectoryJson {
    return toJson(this.#volume);
  }

  lose(path: string): boolean {
    this.#volume.touch();
    return faults.lose(this.#volume, path);
  }

  truncateTo(path: string, length: number): boolean {
    this.#volume.touch();
    return faults.truncateTo(this.#volume, path, length);
  }

  overwrite(path: string, bytes: Bytes): boolean {
    this.#volume.touch();
    return faults.overwrite(this.#volume, path, bytes);
  }

  contentOf(path: string): Bytes {
    return faults.contentOf(this.#volume, path);
  }

  /** Puts a file back, with its directories, as from a backup. */
  restore(path: string, bytes: Bytes): void {
    if (!this.overwrite(path, bytes)) this.load({ [path]: decodeText(bytes) });
  }

  filesUnder(path: string): string[] {
    return faults.filesUnder(this.#volume, path);
  }

  powerCut(keep: (change: UnsyncedChange) => boolean): void {
    powerCut(this.#volume, keep);
  }

  /** All but what is open, which is its descriptions' to save, and what a power cut would leave. */
  save(): Restore {
    return this.#volume.save();
  }

  /** What has failed has changed nothing. */
  #changed<T>(result: T): T {
    if (!isErrno(result)) this.#volume.touch();
    return result;
  }
}
