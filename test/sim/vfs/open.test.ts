import { beforeEach, describe, expect, it } from 'vitest';
import { OPEN } from '../../../src/ports/index.ts';
import { type Caller, FileDescription } from '../../../src/sim/vfs/index.ts';
import { clock, code, newCaller, newFileSystem, ok, readFile, writeFile } from './fixture.ts';
import type { PosixFileSystem } from './posix.ts';

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW } = OPEN;

let fs: PosixFileSystem;
let caller: Caller;

beforeEach(() => {
  fs = newFileSystem();
  fs.load({ '/d/file': 'content' });
  caller = newCaller({ cwd: '/d' });
  ok(fs.symlink(caller, 'nowhere', 'dangling'));
  ok(fs.symlink(caller, 'file', 'link'));
});

const open = (path: string, flags: number) => code(fs.open(caller, path, flags, 0o666));

describe('open', () => {
  it.each([
    ['an existing file with O_EXCL', 'file', O_CREAT | O_EXCL | O_WRONLY, 'EEXIST'],
    ['a dangling link with O_EXCL', 'dangling', O_CREAT | O_EXCL | O_WRONLY, 'EEXIST'],
    ['a directory with O_EXCL', '/d', O_CREAT | O_EXCL, 'EEXIST'],
    ['a link with O_NOFOLLOW', 'link', O_RDONLY | O_NOFOLLOW, 'ELOOP'],
    ['a dangling link with O_NOFOLLOW', 'dangling', O_WRONLY | O_CREAT | O_NOFOLLOW, 'ELOOP'],
    ['a file with O_DIRECTORY', 'file', O_RDONLY | O_DIRECTORY, 'ENOTDIR'],
    ['a link with O_DIRECTORY and O_NOFOLLOW', 'link', O_DIRECTORY | O_NOFOLLOW, 'ENOTDIR'],
    ['O_CREAT with O_DIRECTORY', 'new', O_CREAT | O_DIRECTORY, 'EINVAL'],
    ['a directory for writing', '/d', O_WRONLY, 'EISDIR'],
    ['a directory with O_CREAT', '/d', O_CREAT, 'EISDIR'],
    ['a directory with O_TRUNC', '/d', O_TRUNC, 'EISDIR'],
    ['a missing file', 'missing', O_RDWR, 'ENOENT'],
    ['a missing directory', 'missing/file', O_CREAT | O_WRONLY, 'ENOENT'],
    ['a dangling link', 'dangling', O_RDONLY, 'ENOENT'],
    ['a file as a directory', 'file/x', O_CREAT | O_WRONLY, 'ENOTDIR'],
    ['a new file with a slash', 'new/', O_CREAT | O_WRONLY, 'EISDIR'],
    ['a file with a slash', 'file/', O_RDONLY, 'ENOTDIR'],
    ['an empty path', '', O_CREAT | O_WRONLY, 'ENOENT'],
    ['a name of 256 bytes', 'é'.repeat(128), O_CREAT | O_WRONLY, 'ENAMETOOLONG'],
    ['a name of 256 bytes outside the BMP', '😀'.repeat(64), O_CREAT | O_WRONLY, 'ENAMETOOLONG'],
    ['a path of 4096 bytes', `${'./'.repeat(2046)}file`, O_RDONLY, 'ENAMETOOLONG'],
  ])('refuses %s', (_, path, flags, expected) => {
    expect(open(path, flags)).toBe(expected);
    expect(Object.keys(fs.toJSON())).toEqual(['/d/file']);
    expect(caller.fds.size).toBe(0);
  });

  it('takes names of 255 bytes and paths of 4095', () => {
    expect(open(`${'é'.repeat(127)}e`, O_CREAT | O_WRONLY)).toBe(3);
    expect(open(`${'😀'.repeat(63)}€`, O_CREAT | O_WRONLY)).toBe(4);
    expect(open(`${'./'.repeat(2045)}/file`, O_RDONLY)).toBe(5);
  });

  it('creates what a dangling link names', () => {
    writeFile(fs, caller, 'dangling', 'x');
    expect(fs.toJSON()).toEqual({ '/d/file': 'content', '/d/nowhere': 'x' });
  });

  it('reads through a link', () => {
    expect(readFile(fs, caller, '/d/link')).toBe('content');
  });

  it('gives the lowest free descriptor from 3', () => {
    expect([open('file', O_RDONLY), open('file', O_RDONLY), open('file', O_RDONLY)]).toEqual([3, 4, 5]);
    ok(fs.close(caller, 4));
    expect(open('file', O_RDONLY)).toBe(4);
  });

  it('runs out of descriptors before it creates anything', () => {
    caller.maxFds = 4;
    expect(open('file', O_RDONLY)).toBe(3);
    expect(open('new', O_CREAT | O_WRONLY)).toBe('EMFILE');
    expect(code(fs.stat(caller, 'new'))).toBe('ENOENT');
  });

  it('empties with O_TRUNC, even when opened for reading only', () => {
    expect(open('file', O_RDONLY | O_TRUNC)).toBe(3);
    expect(ok(fs.fstat(caller, 3)).size).toBe(0);
  });

  it('applies the umask', () => {
    caller.umask = 0o077;
    open('new', O_CREAT | O_WRONLY);
    expect(ok(fs.stat(caller, 'new')).mode).toBe(0o600);
  });
});

describe('descriptors', () => {
  it('are bound to how they were opened', () => {
    const reading = ok(fs.open(caller, 'file', O_RDONLY, 0));
    const writing = ok(fs.open(caller, 'file', O_WRONLY, 0));
    expect(code(fs.write(caller, reading, 'x', null))).toBe('EBADF');
    expect(code(fs.ftruncate(caller, reading, 0))).toBe('EINVAL');
    expect(code(fs.read(caller, writing, 1, null))).toBe('EBADF');
  });

  it('of directories cannot be read or written', () => {
    const fd = ok(fs.open(caller, '/d', O_RDONLY, 0));
    expect(code(fs.read(caller, fd, 1, null))).toBe('EISDIR');
    expect(code(fs.write(caller, fd, 'x', null))).toBe('EBADF');
    expect(code(fs.ftruncate(caller, fd, 0))).toBe('EINVAL');
    expect(fs.fsync(caller, fd)).toBeUndefined();
  });

  it('are gone when closed', () => {
    const fd = ok(fs.open(caller, 'file', O_RDWR, 0));
    ok(fs.close(caller, fd));
    for (const result of [
      fs.close(caller, fd),
      fs.read(caller, fd, 1, null),
      fs.write(caller, fd, 'x', null),
      fs.ftruncate(caller, fd, 0),
      fs.fsync(caller, fd),
      fs.fstat(caller, fd),
      fs.readdir(caller, fd),
    ]) {
      expect(code(result)).toBe('EBADF');
    }
  });

  it('that share a description share its offset and keep it open', () => {
    const fd = ok(fs.open(caller, 'file', O_RDONLY, 0));
    const description = caller.fds.get(fd)!;
    const child = newCaller({ fds: new Map([[fd, description]]) });
    description.refs++;
    expect(fs.read(caller, fd, 3, null)).toBe('con');
    ok(fs.close(caller, fd));
    ok(fs.unlink(caller, 'file'));
    expect(fs.read(child, fd, 9, null)).toBe('tent');
    fs.closeDescription(description);
    expect(description.refs).toBe(0);
  });

  it('of kinds that are not files are refused, not misread', () => {
    caller.fds.set(3, {
      kind: 'socket-listener',
      refs: 1,
      isShared: false,
      save: () => () => {},
      visit: () => {},
    });
    expect(code(fs.read(caller, 3, 1, null))).toBe('EINVAL');
    expect(fs.close(caller, 3)).toBeUndefined();
  });
});

describe('read and write', () => {
  const openNew = (flags = 0) => ok(fs.open(caller, 'new', O_RDWR | O_CREAT | flags, 0o666));

  it('move the offset unless a position is given', () => {
    const fd = openNew();
    expect(fs.write(caller, fd, 'abc', null)).toBe(3);
    expect(fs.write(caller, fd, 'X', 0)).toBe(1);
    expect(fs.write(caller, fd, 'def', null)).toBe(3);
    expect(fs.read(caller, fd, 9, null)).toBe('');
    expect(fs.read(caller, fd, 9, 0)).toBe('Xbcdef');
    expect(fs.read(caller, fd, 2, 3)).toBe('de');
  });

  it('fill what was never written with zeros', () => {
    const fd = openNew();
    fs.write(caller, fd, 'b', 3);
    expect(fs.read(caller, fd, 9, 0)).toBe('\0\0\0b');
    ok(fs.ftruncate(caller, fd, 1));
    ok(fs.ftruncate(caller, fd, 3));
    expect(fs.read(caller, fd, 9, 0)).toBe('\0\0\0');
    ok(fs.ftruncate(caller, fd, -1));
    expect(fs.read(caller, fd, 9, 0)).toBe('');
  });

  it('leave a hole after a truncation below the offset', () => {
    const fd = openNew();
    fs.write(caller, fd, 'abc', null);
    ok(fs.ftruncate(caller, fd, 0));
    fs.write(caller, fd, 'd', null);
    expect(readFile(fs, caller, 'new')).toBe('\0\0\0d');
  });

  it('append always at the end, even with a position', () => {
    const one = openNew(O_APPEND);
    const other = openNew(O_APPEND);
    fs.write(caller, one, 'a', null);
    fs.write(caller, other, 'b', null);
    fs.write(caller, one, 'c', 0);
    fs.write(caller, one, 'd', null);
    expect(readFile(fs, caller, 'new')).toBe('abcd');
  });

  it('reach a file that has lost its name, until the last close', () => {
    const fd = openNew();
    ok(fs.unlink(caller, 'new'));
    fs.write(caller, fd, 'x', null);
    expect(fs.read(caller, fd, 1, 0)).toBe('x');
    expect(ok(fs.fstat(caller, fd)).nlink).toBe(0);
    expect(code(fs.stat(caller, 'new'))).toBe('ENOENT');
  });

  it('set the modification time', () => {
    const fd = openNew();
    for (const change of [
      () => fs.write(caller, fd, 'x', null),
      () => fs.ftruncate(caller, fd, 1),
      () => fs.open(caller, 'new', O_WRONLY | O_TRUNC, 0),
    ]) {
      clock.ms += 10;
      change();
      expect(ok(fs.fstat(caller, fd))).toMatchObject({ mtimeMs: clock.ms, ctimeMs: clock.ms });
    }
    const before = fs.fstat(caller, fd);
    clock.ms += 10;
    fs.write(caller, fd, '', null);
    expect(fs.fstat(caller, fd)).toEqual(before);
  });

  it('stop at the capacity', () => {
    fs = newFileSystem({ capacityBytes: 4 });
    caller.cwd = '/';
    const fd = openNew();
    expect(fs.write(caller, fd, 'abcd', null)).toBe(4);
    expect(code(fs.write(caller, fd, 'e', null))).toBe('ENOSPC');
    expect(code(fs.ftruncate(caller, fd, 5))).toBe('ENOSPC');
    expect(fs.write(caller, fd, 'X', 0)).toBe(1);
    ok(fs.unlink(caller, 'new'));
    const other = openNew();
    expect(code(fs.write(caller, other, 'a', null))).toBe('ENOSPC');
    ok(fs.close(caller, fd));
    expect(fs.write(caller, other, 'a', null)).toBe(1);
  });

  it('write what fits when the disk is nearly full', () => {
    fs = newFileSystem({ capacityBytes: 4 });
    caller.cwd = '/';
    const fd = openNew();
    expect(fs.write(caller, fd, 'abcdef', null)).toBe(4);
    expect(fs.write(caller, fd, 'XYZ', 2)).toBe(2);
    expect(code(fs.write(caller, fd, 'g', null))).toBe('ENOSPC');
    expect(code(fs.write(caller, fd, 'g', 9))).toBe('ENOSPC');
    expect(fs.read(caller, fd, 9, 0)).toBe('abXY');
  });

  it('refuse a length that no string could have', () => {
    const fd = openNew();
    expect(code(fs.ftruncate(caller, fd, 2 ** 40))).toBe('EFBIG');
    expect(code(fs.write(caller, fd, 'x', 2 ** 40))).toBe('EFBIG');
  });
});

it('gives files their own class of description, which the kernel distinguishes', () => {
  const fd = ok(fs.open(caller, 'file', O_RDONLY, 0));
  expect(caller.fds.get(fd)).toBeInstanceOf(FileDescription);
});
