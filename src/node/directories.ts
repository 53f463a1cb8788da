/** Open directories: a descriptor of the operating system, like any other, and the stream of names that Node has for it. */
import fs from 'node:fs';
import type { DirectoryEntry, FileKind, Operation } from '../ports/index.ts';
import { atOnce } from './at-once.ts';
import type { Descriptors, Resource } from './descriptors.ts';
import { Failure, type Reply } from './reply.ts';

/** So many names come with one call: about as many as fit into the buffer of getdents(2). */
const BATCH_ENTRIES = 1024;
/** Here an open directory can be opened again by its descriptor, even if it has no name any more. */
const HAS_PROC = process.platform === 'linux';

/** Takes two descriptors, since Node does not show that of its stream. */
export function opendir(
  descriptors: Descriptors,
  { path }: Operation<'opendir'>,
  reply: Reply<number>,
): void {
  atOnce(reply, () => {
    const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    try {
      descriptors.put(fd, new OpenDirectory(fd, openStream(HAS_PROC ? pathOf(fd) : path)));
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
    return fd;
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
    atOnce(reply, () => resource.read(prefix));
    return;
  }
  if (resource !== undefined) throw new Failure('ENOTDIR');
  atOnce(reply, () => {
    if (!fs.fstatSync(fd).isDirectory()) throw new Failure('ENOTDIR');
    if (!HAS_PROC) throw new Failure('ENOSYS');
    const directory = new OpenDirectory(fd, openStream(pathOf(fd)));
    descriptors.put(fd, directory);
    return directory.read(prefix);
  });
}

function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

function openStream(path: string): fs.Dir {
  return fs.opendirSync(path, { bufferSize: BATCH_ENTRIES });
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
  read(prefix: string): DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    if (this.#isRead) return entries;
    this.#isRead = true;
    for (let entry = this.#stream.readSync(); entry !== null; entry = this.#stream.readSync()) {
      if (entry.name.startsWith(prefix)) entries.push({ name: entry.name, kind: kindOf(entry) });
    }
    return entries;
  }

  close(reply: Reply<void>): void {
    atOnce(reply, () => {
      this.#stream.closeSync();
      fs.closeSync(this.rawDescriptor);
    });
  }
}

/** Block devices count as files. */
export function kindOf(of: fs.Stats | fs.Dirent): FileKind {
  if (of.isDirectory()) return 'directory';
  if (of.isSymbolicLink()) return 'symlink';
  if (of.isSocket()) return 'socket';
  if (of.isFIFO()) return 'fifo';
  return of.isCharacterDevice() ? 'character-device' : 'file';
}
