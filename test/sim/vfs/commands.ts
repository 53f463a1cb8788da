import { type Bytes, type FileKind, isErrorCode, OPEN, type Stat } from '../../../src/ports/index.ts';
import { Errno } from '../../../src/sim/base/errno.ts';
import type { Caller } from '../../../src/sim/vfs/index.ts';
import fc from '../../fc.ts';
import { readNames } from './fixture.ts';
import type { PosixFileSystem } from './posix.ts';

/** An operation on files as data. Paths are relative to a base directory; descriptors are slots, some of them unused. */
export type Command =
  | { op: 'open'; slot: number; path: string; flags: number; mode: number }
  | { op: 'close' | 'fstat' | 'fsync'; slot: number }
  | { op: 'read'; slot: number; length: number; position: number | null }
  | { op: 'write'; slot: number; data: Bytes; position: number | null }
  | { op: 'ftruncate'; slot: number; length: number }
  | { op: 'fchmod'; slot: number; mode: number }
  | { op: 'futimes'; slot: number; mtimeMs: number }
  | { op: 'stat' | 'lstat' | 'unlink' | 'rmdir' | 'readlink' | 'realpath'; path: string }
  | { op: 'readdir'; path: string; prefix: string }
  | { op: 'mkdir' | 'chmod' | 'access'; path: string; mode: number }
  | { op: 'link' | 'rename'; from: string; to: string }
  | { op: 'symlink'; target: string; path: string }
  | { op: 'chown'; path: string; uid: number; gid: number }
  /** From here on as another user. */
  | { op: 'become'; uid: number; gid: number };

/** What of `node:fs` both the real one and memfs have. */
export interface NodeFs {
  openSync(path: string, flags: number, mode: number): number;
  closeSync(fd: number): void;
  readSync(fd: number, buffer: Uint8Array, offset: number, length: number, position: number | null): number;
  writeSync(fd: number, buffer: Uint8Array, offset: number, length: number, position: number | null): number;
  ftruncateSync(fd: number, length: number): void;
  fsyncSync(fd: number): void;
  fchmodSync(fd: number, mode: number): void;
  futimesSync(fd: number, atime: number, mtime: number): void;
  fstatSync(fd: number): NodeStats;
  statSync(path: string): NodeStats;
  lstatSync(path: string): NodeStats;
  accessSync(path: string, mode: number): void;
  chmodSync(path: string, mode: number): void;
  chownSync(path: string, uid: number, gid: number): void;
  linkSync(from: string, to: string): void;
  symlinkSync(target: string, path: string): void;
  readlinkSync(path: string): unknown;
  realpathSync: { native(path: string): unknown };
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  mkdirSync(path: string, mode: number): void;
  rmdirSync(path: string): void;
  readdirSync(path: string): unknown[];
}

export interface NodeStats {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  nlink: number | bigint;
  uid: number | bigint;
  gid: number | bigint;
  size: number | bigint;
  mode: number | bigint;
  ino: number | bigint;
  mtimeMs: number | bigint;
}

/** What one command gave, for comparison: a value, or the code of an error. */
export type Result = unknown;

/** A descriptor that no process has. */
const UNUSED_FD = 987;

export type Slots = Map<number, number>;

export function runOnSim(
  fs: PosixFileSystem,
  caller: Caller,
  base: string,
  slots: Slots,
  command: Command,
): Result {
  const result = callSim(fs, caller, base, slots, command);
  return result instanceof Errno ? result.code : (result ?? 'done');
}

export function runOnNode(fs: NodeFs, base: string, slots: Slots, command: Command): Result {
  try {
    return callNode(fs, base, slots, command) ?? 'done';
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (!isErrorCode(code)) throw error;
    return code;
  }
}

function callSim(fs: PosixFileSystem, caller: Caller, base: string, slots: Slots, command: Command): unknown {
  const at = (path: string) => `${base}/${path}`;
  const fd = 'slot' in command ? (slots.get(command.slot) ?? UNUSED_FD) : UNUSED_FD;
  switch (command.op) {
    case 'open': {
      const opened = fs.open(caller, at(command.path), command.flags, command.mode);
      if (opened instanceof Errno) return opened;
      if (slots.has(command.slot)) fs.close(caller, fd);
      slots.set(command.slot, opened);
      return 'open';
    }
    case 'close':
      slots.delete(command.slot);
      return fs.close(caller, fd);
    case 'fstat':
      return simStat(fs.fstat(caller, fd));
    case 'fsync':
      return fs.fsync(caller, fd);
    case 'read':
      return fs.read(caller, fd, command.length, command.position);
    case 'write':
      return fs.write(caller, fd, command.data, command.position);
    case 'ftruncate':
      return fs.ftruncate(caller, fd, command.length);
    case 'fchmod':
      return fs.fchmod(caller, fd, command.mode);
    case 'futimes':
      return fs.futimes(caller, fd, command.mtimeMs, command.mtimeMs) ?? mtimeOf(fs.fstat(caller, fd));
    case 'stat':
      return simStat(fs.stat(caller, at(command.path)));
    case 'lstat':
      return simStat(fs.lstat(caller, at(command.path)));
    case 'readdir': {
      const names = readNames(fs, caller, at(command.path), command.prefix);
      return names instanceof Errno ? names : names.sort();
    }
    case 'link':
    case 'rename':
      return fs[command.op](caller, at(command.from), at(command.to));
    case 'symlink':
      return fs.symlink(caller, command.target.replace('BASE', base), at(command.path));
    case 'chown':
      return fs.chown(caller, at(command.path), command.uid, command.gid);
    case 'become':
      caller.uid = command.uid;
      caller.gid = command.gid;
      return undefined;
    case 'mkdir':
    case 'chmod':
    case 'access':
      return fs[command.op](caller, at(command.path), command.mode);
    case 'unlink':
    case 'rmdir':
    case 'readlink':
    case 'realpath':
      return fs[command.op](caller, at(command.path));
  }
}

function mtimeOf(stat: Stat | Errno): number | Errno {
  return stat instanceof Errno ? stat : stat.mtimeMs;
}

function callNode(fs: NodeFs, base: string, slots: Slots, command: Command): unknown {
  const at = (path: string) => `${base}/${path}`;
  const fd = 'slot' in command ? (slots.get(command.slot) ?? UNUSED_FD) : UNUSED_FD;
  switch (command.op) {
    case 'open': {
      const opened = fs.openSync(at(command.path), command.flags, command.mode);
      if (slots.has(command.slot)) fs.closeSync(fd);
      slots.set(command.slot, opened);
      return 'open';
    }
    case 'close':
      slots.delete(command.slot);
      return fs.closeSync(fd);
    case 'fstat':
      return nodeStat(fs.fstatSync(fd));
    case 'fsync':
      return fs.fsyncSync(fd);
    case 'read': {
      const buffer = Buffer.alloc(command.length);
      return buffer.toString('latin1', 0, fs.readSync(fd, buffer, 0, command.length, command.position));
    }
    case 'write':
      return fs.writeSync(fd, Buffer.from(command.data, 'latin1'), 0, command.data.length, command.position);
    case 'ftruncate':
      return fs.ftruncateSync(fd, command.length);
    case 'fchmod':
      return fs.fchmodSync(fd, command.mode);
    case 'futimes':
      fs.futimesSync(fd, command.mtimeMs / 1000, command.mtimeMs / 1000);
      return Number(fs.fstatSync(fd).mtimeMs);
    case 'stat':
      return nodeStat(fs.statSync(at(command.path)));
    case 'lstat':
      return nodeStat(fs.lstatSync(at(command.path)));
    case 'readdir':
      return fs
        .readdirSync(at(command.path))
        .map(String)
        .filter((name) => name.startsWith(command.prefix))
        .sort();
    case 'link':
      return fs.linkSync(at(command.from), at(command.to));
    case 'rename':
      return fs.renameSync(at(command.from), at(command.to));
    case 'symlink':
      return fs.symlinkSync(command.target.replace('BASE', base), at(command.path));
    case 'chown':
      return fs.chownSync(at(command.path), command.uid, command.gid);
    case 'become':
      process.seteuid!(0);
      process.setegid!(command.gid);
      return process.seteuid!(command.uid);
    case 'mkdir':
      return void fs.mkdirSync(at(command.path), command.mode);
    case 'chmod':
      return fs.chmodSync(at(command.path), command.mode);
    case 'access':
      return fs.accessSync(at(command.path), command.mode);
    case 'unlink':
      return fs.unlinkSync(at(command.path));
    case 'rmdir':
      return fs.rmdirSync(at(command.path));
    case 'readlink':
      return fs.readlinkSync(at(command.path));
    case 'realpath':
      return fs.realpathSync.native(at(command.path));
  }
}

interface ComparableStat {
  kind: FileKind;
  nlink: number;
  uid: number;
  gid: number;
  mode: number;
  /** Of a directory it says nothing, see stat(2). */
  size: number | null;
}

function simStat(stat: Stat | Errno): ComparableStat | Errno {
  if (stat instanceof Errno) return stat;
  const { kind, nlink, uid, gid, mode, size } = stat;
  return { kind, nlink, uid, gid, mode, size: kind === 'directory' ? null : size };
}

function nodeStat(stats: NodeStats): ComparableStat {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'symlink';
  const size = kind === 'directory' ? null : Number(stats.size);
  return {
    kind,
    nlink: Number(stats.nlink),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mode: Number(stats.mode) & 0o7777,
    size,
  };
}

const NAMES = ['a', 'b', 'c'];

/** Few names, so that operations meet. */
const name = fc.constantFrom(...NAMES);
const component = fc.oneof(
  { weight: 12, arbitrary: name },
  { weight: 1, arbitrary: fc.constantFrom('.', '..') },
);
export const plainPath: fc.Arbitrary<string> = fc
  .array(name, { minLength: 1, maxLength: 2 })
  .map((names) => names.join('/'));
export const anyPath: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.array(component, { minLength: 1, maxLength: 1 }) },
      { weight: 3, arbitrary: fc.array(component, { minLength: 2, maxLength: 3 }) },
    ),
    fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom('/', '//') }),
  )
  .map(([names, slash]) => names.join('/') + slash);

const TARGETS = ['a', 'b', 'c', 'a/b', 'b/c', '../a', './b', 'c/', 'missing', 'BASE/a', 'BASE/b/', '.'];

const { O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW } = OPEN;
const COMMON_FLAGS = ['O_RDONLY', 'O_RDWR', 'O_WRONLY'] as const;
const oddFlags = fc
  .tuple(
    fc.constantFrom(...COMMON_FLAGS.map((flag) => OPEN[flag]), 3),
    fc.subarray([O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW]),
  )
  // Both together create a file and fail before Linux 6.3.
  .filter(([, bits]) => !(bits.includes(O_CREAT) && bits.includes(O_DIRECTORY)))
  .map(([access, bits]) => bits.reduce<number>((all, bit) => all | bit, access));
export const usualFlags: fc.Arbitrary<number> = fc.constantFrom(
  OPEN.O_RDONLY,
  OPEN.O_RDWR,
  OPEN.O_RDWR | O_CREAT,
  OPEN.O_RDWR | O_CREAT | O_EXCL,
  OPEN.O_RDWR | O_CREAT | O_TRUNC,
  OPEN.O_RDWR | O_CREAT | O_APPEND,
);
export const anyFlags: fc.Arbitrary<number> = fc.oneof(usualFlags, oddFlags);

const slot = fc.nat({ max: 2 });
const position = fc.option(fc.nat({ max: 12 }), { freq: 3 });
const data = fc.stringMatching(/^[a-z\x00\xff]{0,6}$/);
const mode = fc.constantFrom(0o666, 0o644, 0o600, 0o777, 0o7777, 0);

const id = fc.constantFrom(0, 4001, 4002);
const user = fc.record({ op: fc.constant('become' as const), uid: id, gid: id });
const owner = fc.record({
  op: fc.constant('chown' as const),
  path: plainPath,
  uid: fc.oneof(id, fc.constant(-1)),
  gid: fc.oneof(id, fc.constant(-1)),
});
const rights = fc.record({
  op: fc.constant('chmod' as const),
  path: fc.oneof(plainPath, fc.constant('.')),
  mode: fc.oneof(fc.nat({ max: 0o777 }), fc.constantFrom(0o777, 0o1777, 0o711)),
});

/** The same commands by several users in turn; before each turn root changes owners and modes. */
export function commandsByUsers(commands: fc.Arbitrary<Command[]>): fc.Arbitrary<Command[]> {
  const changes = fc.array(fc.oneof(owner, rights), { maxLength: 4 });
  const turn = fc
    .tuple(changes, user, commands)
    .map(([first, become, rest]): Command[] => [
      ROOT,
      ...first,
      become,
      ...rest.filter(isForUsers).map(withoutSetId),
    ]);
  return fc.array(turn, { minLength: 1, maxLength: 5 }).map((turns) => turns.flat());
}

const ROOT: Command = { op: 'become', uid: 0, gid: 0 };

/** access(2) asks for the real user, who stays the same here; realpath(3) never looks up a final `.` or `..`. */
function isForUsers({ op }: Command): boolean {
  return op !== 'access' && op !== 'realpath';
}

/** When Linux clears these bits is left out of the simulation. */
function withoutSetId(command: Command): Command {
  return 'mode' in command ? { ...command, mode: command.mode & 0o1777 } : command;
}

/** Sequences of commands over these paths and open flags. */
export function commandsOver(
  path: fc.Arbitrary<string>,
  flags: fc.Arbitrary<number>,
  maxLength: number,
): fc.Arbitrary<Command[]> {
  const weigh = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ weight, arbitrary });
  const op = <const Op extends string>(...ops: Op[]) => fc.constantFrom(...ops);
  const command = fc.oneof(
    weigh(6, fc.record({ op: op('open'), slot, path, flags, mode })),
    weigh(2, fc.record({ op: op('close', 'fstat', 'fsync'), slot })),
    weigh(2, fc.record({ op: op('read'), slot, length: fc.integer({ min: 1, max: 8 }), position })),
    weigh(4, fc.record({ op: op('write'), slot, data, position })),
    weigh(1, fc.record({ op: op('ftruncate'), slot, length: fc.nat({ max: 9 }) })),
    weigh(1, fc.record({ op: op('fchmod'), slot, mode })),
    weigh(1, fc.record({ op: op('futimes'), slot, mtimeMs: fc.constantFrom(0, 1_500, 1_700_000_000_000) })),
    weigh(2, fc.record({ op: op('stat', 'lstat'), path })),
    weigh(2, fc.record({ op: op('unlink', 'rmdir'), path })),
    weigh(2, fc.record({ op: op('readlink', 'realpath'), path })),
    weigh(1, fc.record({ op: op('readdir'), path, prefix: fc.constantFrom('', '', 'a', 'b') })),
    weigh(4, fc.record({ op: op('mkdir'), path, mode })),
    weigh(1, fc.record({ op: op('chmod'), path, mode })),
    weigh(1, fc.record({ op: op('access'), path, mode: fc.nat({ max: 7 }) })),
    weigh(7, fc.record({ op: op('link', 'rename'), from: path, to: path })),
    weigh(3, fc.record({ op: op('symlink'), target: fc.constantFrom(...TARGETS), path })),
  );
  const commands = fc.array(command, { minLength: 1, maxLength, size: 'max' });
  return fc
    .tuple(fc.subarray(PRELUDE, { minLength: 3 }), commands)
    .map(([first, rest]) => [...first, ...rest]);
}

/** From an empty directory most commands would find nothing. Any part of this may be left out. */
const PRELUDE: Command[] = [
  { op: 'mkdir', path: 'a', mode: 0o777 },
  { op: 'mkdir', path: 'a/a', mode: 0o777 },
  { op: 'mkdir', path: 'b', mode: 0o777 },
  { op: 'open', slot: 0, path: 'a/b', flags: OPEN.O_RDWR | O_CREAT, mode: 0o666 },
  { op: 'write', slot: 0, data: 'hello', position: null },
  { op: 'open', slot: 1, path: 'c', flags: OPEN.O_RDWR | O_CREAT, mode: 0o666 },
  { op: 'link', from: 'c', to: 'b/c' },
  { op: 'link', from: 'a/b', to: 'b/a' },
  { op: 'symlink', target: 'BASE/a', path: 'a/c' },
  { op: 'open', slot: 2, path: 'b', flags: OPEN.O_RDONLY, mode: 0 },
  { op: 'unlink', path: 'c' },
  { op: 'symlink', target: 'b', path: 'c' },
];

/** Every path below the base, with kind, content and which other path is the same inode. */
export function treeOfNode(fs: NodeFs, base: string): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  const firstPath = new Map<string, string>();
  const visit = (directory: string): void => {
    for (const entry of fs
      .readdirSync(base + directory)
      .map(String)
      .sort()) {
      const path = `${directory}/${entry}`;
      const stats = fs.lstatSync(base + path);
      const ino = String(stats.ino);
      if (!firstPath.has(ino)) firstPath.set(ino, path);
      tree[path] = {
        ...nodeStat(stats),
        same: firstPath.get(ino),
        content: contentOf(fs, base + path, stats),
      };
      if (stats.isDirectory()) visit(path);
    }
  };
  visit('');
  return tree;
}

function contentOf(fs: NodeFs, path: string, stats: NodeStats): unknown {
  if (stats.isSymbolicLink()) return fs.readlinkSync(path);
  if (!stats.isFile()) return null;
  const buffer = Buffer.alloc(Number(stats.size));
  const fd = fs.openSync(path, OPEN.O_RDONLY, 0);
  fs.readSync(fd, buffer, 0, buffer.length, 0);
  fs.closeSync(fd);
  return buffer.toString('latin1');
}

export function treeOfSim(fs: PosixFileSystem, caller: Caller, base: string): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  const firstPath = new Map<number, string>();
  const visit = (directory: string): void => {
    for (const entry of must(readNames(fs, caller, base + directory)).sort()) {
      const path = `${directory}/${entry}`;
      const stat = must(fs.lstat(caller, base + path));
      if (!firstPath.has(stat.ino)) firstPath.set(stat.ino, path);
      tree[path] = {
        ...simStat(stat),
        same: firstPath.get(stat.ino),
        content: simContent(fs, caller, base + path, stat),
      };
      if (stat.kind === 'directory') visit(path);
    }
  };
  visit('');
  return tree;
}

function simContent(fs: PosixFileSystem, caller: Caller, path: string, stat: Stat): unknown {
  if (stat.kind === 'symlink') return fs.readlink(caller, path);
  if (stat.kind !== 'file') return null;
  const fd = must(fs.open(caller, path, OPEN.O_RDONLY, 0));
  const content = fs.read(caller, fd, stat.size, 0);
  fs.close(caller, fd);
  return content;
}

function must<T>(result: T | Errno): T {
  if (result instanceof Errno) throw new Error(`unexpected ${result.code}`);
  return result;
}
