/** Calls of one system call each that use several buffers, or that the machine has only in part: readv, writev, statfs, lchown and the like. */
import type { FileKind } from '../../../ports/index.ts';
import { refuse } from '../../not-simulated.ts';
import type { Script } from '../../script.ts';
import { uses } from '../../uses.ts';
import { invalidType, toBytes, toFd, toOptions, toPath, toTimeMs } from '../arguments.ts';
import { ask, type Context } from './ask.ts';
import { toPosition } from './descriptors.ts';

export interface VectorResult {
  bytesRead: number;
  bytesWritten: number;
  buffers: unknown;
}

export function* readv(fd: unknown, buffers: unknown, position?: unknown): Script<VectorResult> {
  const number = toFd(fd);
  const views = viewsOf(buffers);
  const length = views.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (length === 0) return { bytesRead: 0, bytesWritten: 0, buffers };
  const bytes = yield* ask({ op: 'read', fd: number, length, position: toPosition(position) });
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of views) {
    Buffer.from(buffer, byteOffset, byteLength).write(bytes.slice(at, at + byteLength), 'latin1');
    at += byteLength;
  }
  return { bytesRead: bytes.length, bytesWritten: 0, buffers };
}

export function* writev(fd: unknown, buffers: unknown, position?: unknown): Script<VectorResult> {
  const number = toFd(fd);
  const data = viewsOf(buffers)
    .map((view) => toBytes(view, null))
    .join('');
  if (data === '') return { bytesRead: 0, bytesWritten: 0, buffers };
  const bytesWritten = yield* ask({ op: 'write', fd: number, data, position: toPosition(position) });
  return { bytesRead: 0, bytesWritten, buffers };
}

function viewsOf(buffers: unknown): readonly ArrayBufferView[] {
  if (!Array.isArray(buffers) || !buffers.every((each) => ArrayBuffer.isView(each)))
    throw invalidType('buffers', 'an instance of ArrayBufferView[]', buffers);
  return buffers;
}

/** The kind is the machine's; sizes are the same everywhere. */
export function* statfs(path: unknown, options?: unknown): Script<Record<string, number | bigint>> {
  const { bigint } = toOptions(options);
  const { type } = yield* ask({ op: 'statfs', path: toPath(path) });
  uses('fs.statfs');
  const numbers = { type, bsize: 4096, blocks: 2 ** 24, bfree: 2 ** 23, bavail: 2 ** 23, files: 2 ** 20 };
  const all = { ...numbers, ffree: 2 ** 19 };
  if (!bigint) return all;
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, BigInt(value)]));
}

/** As chown, which differs for symbolic links only. */
export function* lchown(path: unknown, uid: unknown, gid: unknown): Script<void> {
  const name = toPath(path);
  notOfLink(yield* ask({ op: 'lstat', path: name }, { syscall: 'lchown' }), 'fs.lchown');
  yield* ask({ op: 'chown', path: name, uid: uid as number, gid: gid as number }, { syscall: 'lchown' });
}

/** The machine has no such call: only the owner that the file has already is accepted. */
export function* fchown(fd: unknown, uid: unknown, gid: unknown): Script<void> {
  const now = yield* ask({ op: 'fstat', fd: toFd(fd) }, { syscall: 'fchown' });
  const isSame = (wanted: unknown, had: number): boolean => wanted === -1 || wanted === had;
  if (!isSame(uid, now.uid) || !isSame(gid, now.gid)) refuse('fs.fchown to another owner');
}

export function* lutimes({ wallMs }: Context, path: unknown, atime: unknown, mtime: unknown): Script<void> {
  const name = toPath(path);
  const atimeMs = toTimeMs(atime, 'atime', wallMs);
  const mtimeMs = toTimeMs(mtime, 'mtime', wallMs);
  notOfLink(yield* ask({ op: 'lstat', path: name }, { syscall: 'lutime' }), 'fs.lutimes');
  yield* ask({ op: 'utimes', path: name, atimeMs, mtimeMs }, { syscall: 'lutime' });
}

function notOfLink({ kind }: { kind: FileKind }, what: string): void {
  if (kind === 'symlink') refuse(`${what} of a symbolic link`);
}
