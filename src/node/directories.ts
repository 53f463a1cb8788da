/** Open directories: a descriptor of the operating system, like any other, and the stream of names that Node has for it. */
import fs from 'node:fs';
import type { DirectoryEntry, FileKind, Operation } from '../ports/index.ts';
import type { Descriptors, Resource } from './descriptors.ts';
import { Failure, type Reply, settleVoid } from './reply.ts';

/** So many names come with one call into the thread pool: about as many as fit into the buffer of getdents(2). */
const BATCH_ENTRIES = 1024;
/** Here an open directory can be opened again by its descriptor, even if it has no name any more. */
const HAS_PROC = process.platform === 'linux';

/** Takes two descriptors, since Node does not show that of its stream. */
export function opendir(
  descriptors: Descriptors,
  { path }: Operation<'opendir'>,
  reply: Reply<number>,
): void {
  fs.open(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY, (failed, fd) => {
    if (failed) return reply.reject(failed);
    openStream(HAS_PROC ? pathOf(fd) : path, (error, stream) => {
      if (error) return fs.close(fd, () => reply.reject(error));
      descriptors.put(fd, new OpenDirectory(fd, stream));
      reply.resolve(fd);
    });
  });
}

/** Also of a directory that was opened as a file. EBADF, ENOTDIR. */
export function readdir(
  descriptors: Descriptors,
  { fd, prefix = '' }: Operation<'readdir'>,
  reply: Reply<DirectoryEntry[]>,
): void {
  const resource = descriptors.get(fd);
  if (resource instanceof OpenDirectory) {
    resource.read(prefix, reply);
    return;
  }
  if (resource !== undefined) throw new Failure('ENOTDIR');
  fs.fstat(fd, (failed, stats) => {
    if (failed) return reply.reject(failed);
    if (!stats.isDirectory()) return reply.reject(new Failure('ENOTDIR'));
    if (!HAS_PROC) return reply.reject(new Failure('ENOSYS'));
    openStream(pathOf(fd), (error, stream) => {
      if (error) return reply.reject(error);
      const directory = new OpenDirectory(fd, stream);
      descriptors.put(fd, directory);
      directory.read(prefix, reply);
    });
  });
}

function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

function openStream(path: string, then: (error: Error | null, stream: fs.Dir) => void): void {
  fs.opendir(path, { bufferSize: BATCH_ENTRIES }, then);
}

export class OpenDirectory implements Resource {
  readonly rawDescriptor: number;
  readonly #stream: fs.Dir;
  #isRead = false;

  constructor(fd: number, stream: fs.Dir) {
    this.rawDescriptor = fd;
    this.#stream = stream;
  }

  /** All names at the first call, none later: those that come and go meanwhile make no difference. */
  read(prefix: string, reply: Reply<DirectoryEntry[]>): void {
    const isRead = this.#isRead;
    this.#isRead = true;
    if (isRead) reply.resolve([]);
    else this.#readRest(prefix, [], reply);
  }

  #readRest(prefix: string, entries: DirectoryEntry[], reply: Reply<DirectoryEntry[]>): void {
    this.#stream.read((error, entry) => {
      if (error) return reply.reject(error);
      if (entry === null) return reply.resolve(entries);
      if (entry.name.startsWith(prefix)) entries.push({ name: entry.name, kind: kindOf(entry) });
      this.#readRest(prefix, entries, reply);
    });
  }

  close(reply: Reply<void>): void {
    this.#stream.close(() => fs.close(this.rawDescriptor, settleVoid(reply)));
  }
}

/** The table has no pipes or devices: they count as files. */
export function kindOf(of: fs.Stats | fs.Dirent): FileKind {
  if (of.isDirectory()) return 'directory';
  if (of.isSymbolicLink()) return 'symlink';
  return of.isSocket() ? 'socket' : 'file';
}
